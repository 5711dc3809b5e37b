"""The checks that an image must pass: Safelight's own, and the user's."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from enum import Enum
from types import MappingProxyType
from typing import Any

from aws_cdk import Token, aws_lambda

from safelight_contracts.arguments import validated, validated_fields
from safelight_contracts.moderation import MODERATION_LABELS, MODERATION_TAXONOMY_VERSION, TOP_MODERATION_LABELS

# A route's checks travel together in a state, which has 256 KB for everything.
_MAX_CHARACTERS_OF_SETTINGS = 4000
_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")


class OnError(Enum):
    """What happens to an upload when a check cannot be made, after all retries. It is never published."""

    FAIL = "FAIL"
    """The upload is recorded ``FAILED``. You can run it again after you fix the problem."""
    REJECT = "REJECT"
    """The upload is recorded ``REJECTED`` with the reason ``CHECK_NOT_MADE``."""


class CheckKind(Enum):
    """Safelight's own checks, by their names in records."""

    MODERATION = "moderation"
    NO_PEOPLE = "no_people"
    LABELS = "labels"
    WORDS = "words"

    @property
    def step(self) -> str:
        """Id of its step: the name without ``_``, each word capitalised."""
        return self.value.title().replace("_", "")


def validate_confidence(min_confidence: float | None) -> float | None:
    """Return a confidence in percent. Raises ValueError if it is not 0, or 1 to 100."""
    if min_confidence is not None and not 0 <= min_confidence <= 100:
        raise ValueError(f"min_confidence={min_confidence} must be a percentage, 0 to 100.")
    if min_confidence is not None and 0 < min_confidence < 1:
        raise ValueError(
            f"min_confidence={min_confidence} is less than one percent, so almost every label would count. It is a "
            f"percentage: use {min_confidence * 100:g} for {min_confidence * 100:g} percent."
        )
    return min_confidence


def _confidence(min_confidence: float | None) -> dict[str, Any]:
    return {"minConfidence": validate_confidence(min_confidence)}


def _allowed_labels(allow: Sequence[str]) -> list[str]:
    known = {label.lower(): label for label in MODERATION_LABELS}
    for label in allow:
        if label.lower() not in known:
            nearest = get_close_matches(label.lower(), known, n=1)
            advice = (
                f"Use {known[nearest[0]]!r}."
                if nearest
                else (f"The labels of the first level are: {', '.join(TOP_MODERATION_LABELS)}.")
            )
            raise ValueError(
                f"Check.moderation: allow has {label!r}, which is not a label of Rekognition's moderation taxonomy, "
                f"version {MODERATION_TAXONOMY_VERSION}. {advice}"
            )
    return list(allow)


def _at_least_one(check: str, required: Sequence[str]) -> list[str]:
    wanted = list(required)
    if not wanted or any(not word.strip() for word in wanted):
        raise ValueError(
            f"Check.{check} needs at least one required {check.removesuffix('s')}, and none can be empty: "
            f"required={wanted}."
        )
    return wanted


@validated_fields
@dataclass(frozen=True, kw_only=True)
class Check:
    """One check that an image must pass. Create it with ``Check.moderation`` and the like, or with ``Check.custom``.

    Attributes
    ----------
    name
        Its name in records.
    settings
        What its function receives as ``check``.
    on_error
        What happens to an upload when the check cannot be made.
    function
        Your own function that makes the check. ``None`` for Safelight's own checks.
    """

    name: str
    settings: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    on_error: OnError = OnError.FAIL
    function: aws_lambda.IFunction | None = None

    @classmethod
    @validated
    def moderation(
        cls, *, min_confidence: float | None = None, allow: Sequence[str] = (), on_error: OnError = OnError.FAIL
    ) -> "Check":
        """Reject an image with unsafe content, as ``FAILED_MODERATION``.

        Parameters
        ----------
        min_confidence
            Percent, 0 or 1 to 100. Labels below it are ignored. Default: Rekognition's own 50.
        allow
            Labels of Rekognition's moderation taxonomy that are accepted, with all labels below them, in upper or lower
            case. Default: none.
        on_error
            Default: the upload is recorded ``FAILED``.

        Raises
        ------
        ValueError
            If the confidence is out of range, or the taxonomy does not have a label. The message names the nearest.
        """
        settings = _confidence(min_confidence) | {"allow": _allowed_labels(allow)}
        return cls(name=CheckKind.MODERATION.value, settings=settings, on_error=on_error)

    @classmethod
    @validated
    def no_people(cls, *, min_confidence: float | None = None, on_error: OnError = OnError.FAIL) -> "Check":
        """Reject an image that shows people, as ``NO_PEOPLE_ALLOWED``.

        Parameters
        ----------
        min_confidence
            Percent, 0 or 1 to 100. People below it are ignored. Default: Rekognition's own 55.
        on_error
            Default: the upload is recorded ``FAILED``.
        """
        return cls(name=CheckKind.NO_PEOPLE.value, settings=_confidence(min_confidence), on_error=on_error)

    @classmethod
    @validated
    def labels(
        cls, *, required: Sequence[str], min_confidence: float | None = None, on_error: OnError = OnError.FAIL
    ) -> "Check":
        """Reject an image that does not show all required labels, as ``MISSING_LABELS``.

        Parameters
        ----------
        required
            Rekognition's labels, at least one.
        min_confidence
            Percent, 0 or 1 to 100. Labels below it are ignored. Default: Rekognition's own 55.
        on_error
            Default: the upload is recorded ``FAILED``.
        """
        settings = _confidence(min_confidence) | {"required": _at_least_one("labels", required)}
        return cls(name=CheckKind.LABELS.value, settings=settings, on_error=on_error)

    @classmethod
    @validated
    def words(
        cls, *, required: Sequence[str], min_confidence: float | None = None, on_error: OnError = OnError.FAIL
    ) -> "Check":
        """Reject an image that does not show all required words, as ``MISSING_WORDS``.

        Parameters
        ----------
        required
            Words or phrases, in either case, at least one.
        min_confidence
            Percent, 0 or 1 to 100. Text below it is ignored. Default: Rekognition's own 80.
        on_error
            Default: the upload is recorded ``FAILED``.
        """
        settings = _confidence(min_confidence) | {"required": _at_least_one("words", required)}
        return cls(name=CheckKind.WORDS.value, settings=settings, on_error=on_error)

    @classmethod
    @validated
    def custom(
        cls,
        name: str,
        *,
        function: aws_lambda.IFunction,
        settings: Mapping[str, Any] | None = None,
        on_error: OnError = OnError.FAIL,
    ) -> "Check":
        """Accept or reject an image with your own function.

        It receives ``{"image": {"bucket", "key", "versionId", "etag", "size", "sequencer"}, "execution", "analysis":
        {"bucket", "key", ...}, "check": settings}``. ``analysis`` is the image that checks look at.

        It returns ``{"accepted": bool, "reason": str, "detail": object}``. The reason of a rejection has 1 to 100
        characters. ``SUPERSEDED``, ``WITHDRAWN``, ``ARCHIVED`` and ``CHECK_NOT_MADE`` say nothing about the image: the
        published renditions stay, and so does the original. A detail of more than 4,000 characters of JSON is replaced
        by ``{"omitted": characters}``. If the function returns anything else, or raises an exception after all
        retries, the check is not made.

        Parameters
        ----------
        name
            Its name in records: lower-case letters, digits and ``_``, starting with a letter, at most 40 characters. In
            all routes of a workflow, one name stands for one function.
        function
            A ``Function`` of the same stack is invoked at its current version, anything else as it is. The workflow
            allows the state machine to invoke it. You grant what the function itself needs, such as reading records.
        settings
            JSON, at most 4,000 characters, without tokens: use environment variables of the function for those.
            Default: none.
        on_error
            Default: the upload is recorded ``FAILED``.

        Raises
        ------
        ValueError
            If the name or the settings break those rules.
        """
        if not _NAME.fullmatch(name):
            raise ValueError(
                f"Check.custom name={name!r} must be lower-case letters, digits and '_', start with a letter, and have "
                "40 characters at most, such as 'quota'."
            )
        if name in {kind.value for kind in CheckKind}:
            raise ValueError(
                f"Check.custom name={name!r} is the name of one of Safelight's checks. Choose another name."
            )
        return cls(name=name, settings=_validate_settings(name, settings or {}), on_error=on_error, function=function)


def custom_functions(checks: Iterable[Check]) -> dict[str, aws_lambda.IFunction]:
    """Return the functions of the user's own checks by name.

    Raises
    ------
    ValueError
        If one name stands for two functions.
    """
    functions: dict[str, aws_lambda.IFunction] = {}
    for check in checks:
        if check.function is None:
            continue
        known = functions.setdefault(check.name, check.function)
        if known.node.addr != check.function.node.addr:
            raise ValueError(
                f"Check.custom({check.name!r}) has function={known.node.path} in one place and "
                f"{check.function.node.path} in another. Records could not distinguish them. Choose two names."
            )
    return functions


def validate_timeouts(functions: Mapping[str, aws_lambda.IFunction], *, state_timeout: int) -> None:
    """Validate that functions time out before the state that invokes them.

    Parameters
    ----------
    functions
        By the name of the check.
    state_timeout
        Seconds.

    Raises
    ------
    ValueError
        If a timeout that is known at synth is too long.
    """
    for name, function in functions.items():
        timeout = function.timeout if isinstance(function, aws_lambda.Function) else None
        if timeout is not None and not timeout.is_unresolved() and timeout.to_seconds() >= state_timeout:
            raise ValueError(
                f"Check.custom({name!r}) has a function with timeout={timeout.to_seconds():g} seconds, but the "
                f"workflow waits {state_timeout} seconds for a check. Use a shorter timeout, such as "
                f"timeout=Duration.seconds({state_timeout - 5})."
            )


def _validate_settings(name: str, settings: Mapping[str, Any]) -> dict[str, Any]:
    try:
        text = json.dumps(dict(settings), allow_nan=False)
    except (TypeError, ValueError) as error:
        raise ValueError(f"Check.custom({name!r}) has settings that are not JSON: {error}.") from None
    if len(text) > _MAX_CHARACTERS_OF_SETTINGS:
        raise ValueError(
            f"Check.custom({name!r}) has settings of {len(text)} characters as JSON. The maximum is "
            f"{_MAX_CHARACTERS_OF_SETTINGS}. Store larger data where the function can read it."
        )
    plain: dict[str, Any] = json.loads(text)
    if plain != settings:
        raise ValueError(
            f"Check.custom({name!r}) has settings that change when they are written as JSON. Use strings as keys, and "
            "lists instead of tuples."
        )
    if any(Token.is_unresolved(leaf) for leaf in _leaves(plain)):
        raise ValueError(
            f"Check.custom({name!r}) has a token in its settings, which has no value until the stack is deployed. "
            "Use an environment variable of the function."
        )
    return plain


def _leaves(value: Any) -> Iterable[Any]:
    if isinstance(value, dict):
        for key, part in value.items():
            yield key
            yield from _leaves(part)
    elif isinstance(value, list):
        for part in value:
            yield from _leaves(part)
    elif isinstance(value, str | float):
        yield value
