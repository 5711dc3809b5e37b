"""Routes as data: which checks the images of a type of place must pass."""

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from types import MappingProxyType
from typing import Any


class OnError(Enum):
    """What becomes of an upload when a check cannot be made, after every retry. It is never published."""

    FAIL = "FAIL"
    """Recorded ``FAILED``: an operator looks, and the upload can be tried again."""
    REJECT = "REJECT"
    """Recorded ``REJECTED`` with the reason ``CHECK_NOT_MADE``."""


class CheckKind(Enum):
    """The checks there are, by the names that they have in records."""

    MODERATION = "moderation"
    NO_PEOPLE = "no_people"
    LABELS = "labels"
    WORDS = "words"

    @property
    def step(self) -> str:
        """Key in ``STEP_DEFINITIONS`` of the step that makes it."""
        return _STEPS[self]


_STEPS = {
    CheckKind.MODERATION: "CheckModeration",
    CheckKind.NO_PEOPLE: "CheckPeople",
    CheckKind.LABELS: "CheckLabels",
    CheckKind.WORDS: "CheckWords",
}

# All verdicts of a route travel together, in a state's 256 KB.
_MAX_CHECKS = 10


def _confidence(min_confidence: float | None) -> dict[str, Any]:
    if min_confidence is not None and not 0 <= min_confidence <= 100:
        raise ValueError(f"min_confidence={min_confidence} must be a percentage, 0 to 100.")
    return {"minConfidence": min_confidence}


def _at_least_one(check: str, required: Sequence[str]) -> list[str]:
    wanted = [required] if isinstance(required, str) else list(required)
    if not wanted or any(not word.strip() for word in wanted):
        raise ValueError(f"Check.{check} needs at least one required word, and none of them empty: required={wanted}.")
    return wanted


@dataclass(frozen=True, kw_only=True)
class Check:
    """One thing that an image must pass. Made by ``Check.moderation`` and its like.

    Attributes
    ----------
    kind
        Which check.
    settings
        What it is given, by the names in the workflow's definition.
    on_error
        What becomes of an upload when it cannot be made.
    """

    kind: CheckKind
    settings: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    on_error: OnError = OnError.FAIL

    @classmethod
    def moderation(
        cls, *, min_confidence: float | None = None, allow: Sequence[str] = (), on_error: OnError = OnError.FAIL
    ) -> "Check":
        """Reject an image in which Rekognition sees what must not be published, as ``FAILED_MODERATION``.

        Parameters
        ----------
        min_confidence
            Percent, 0 to 100, below which a label is not seen. Left out: Rekognition's own 50.
        allow
            Labels of Rekognition's moderation taxonomy that do not reject, with all beneath them. Left out: none.
        on_error
            Left out: the upload is recorded ``FAILED``.
        """
        settings = _confidence(min_confidence) | {"allow": list(allow)}
        return cls(kind=CheckKind.MODERATION, settings=settings, on_error=on_error)

    @classmethod
    def no_people(cls, *, min_confidence: float | None = None, on_error: OnError = OnError.FAIL) -> "Check":
        """Reject an image that shows people, as ``NO_PEOPLE_ALLOWED``.

        Parameters
        ----------
        min_confidence
            Percent, 0 to 100, below which a person is not seen. Left out: Rekognition's own 55.
        on_error
            Left out: the upload is recorded ``FAILED``.
        """
        return cls(kind=CheckKind.NO_PEOPLE, settings=_confidence(min_confidence), on_error=on_error)

    @classmethod
    def labels(
        cls, *, required: Sequence[str], min_confidence: float | None = None, on_error: OnError = OnError.FAIL
    ) -> "Check":
        """Reject an image that does not show all of these, as ``MISSING_LABELS``.

        Parameters
        ----------
        required
            Rekognition's labels, at least one.
        min_confidence
            Percent, 0 to 100, below which a label is not seen. Left out: Rekognition's own 55.
        on_error
            Left out: the upload is recorded ``FAILED``.
        """
        settings = _confidence(min_confidence) | {"required": _at_least_one("labels", required)}
        return cls(kind=CheckKind.LABELS, settings=settings, on_error=on_error)

    @classmethod
    def words(
        cls, *, required: Sequence[str], min_confidence: float | None = None, on_error: OnError = OnError.FAIL
    ) -> "Check":
        """Reject an image in which not all of these can be read, as ``MISSING_WORDS``.

        Parameters
        ----------
        required
            Words or phrases, in either case, at least one.
        min_confidence
            Percent, 0 to 100, below which text is not read. Left out: Rekognition's own 80.
        on_error
            Left out: the upload is recorded ``FAILED``.
        """
        settings = _confidence(min_confidence) | {"required": _at_least_one("words", required)}
        return cls(kind=CheckKind.WORDS, settings=settings, on_error=on_error)


@dataclass(frozen=True, kw_only=True)
class Route:
    """The checks that images of one type of place must pass, side by side.

    Parameters
    ----------
    checks
        In the order in which a rejection names its reason: the first that rejects. At most 10; none at all lets every
        readable image pass.

    Raises
    ------
    ValueError
        When there are more than 10.
    """

    checks: Sequence[Check]

    def __post_init__(self) -> None:
        if len(self.checks) > _MAX_CHECKS:
            raise ValueError(f"A route has {len(self.checks)} checks, and can have {_MAX_CHECKS} at most.")


DEFAULT_ROUTES: Mapping[str, Route] = MappingProxyType(
    {
        "park": Route(checks=(Check.moderation(),)),
        "restaurant": Route(checks=(Check.moderation(), Check.no_people())),
        "cafe": Route(checks=(Check.moderation(), Check.no_people())),
        "bar": Route(checks=(Check.moderation(), Check.no_people())),
    }
)
"""A park is moderated; a restaurant, cafe or bar must also show no people."""


def encode_routes(routes: Mapping[str, Route], *, default_route: Route | None) -> str:
    """Return routes as a state machine reads them: JSON in base64, which can stand between any quotes.

    Raises
    ------
    ValueError
        When there are no routes at all, or one is for no type of place.
    """
    if not routes and default_route is None:
        raise ValueError("routes is empty and there is no default_route, which rejects every upload: give one of them.")
    if "" in routes:
        raise ValueError("routes has a route for '', which is no type of place: name the type, or use default_route.")
    document = {
        "routes": {place_type: _encode(route) for place_type, route in sorted(routes.items())},
        "default": None if default_route is None else _encode(default_route),
    }
    return base64.b64encode(json.dumps(document, separators=(",", ":")).encode("ascii")).decode("ascii")


def idle_steps(routes: Mapping[str, Route], *, default_route: Route | None) -> frozenset[str]:
    """Return the steps of the checks that none of the routes has."""
    every = [*routes.values(), *([default_route] if default_route else [])]
    return frozenset(kind.step for kind in CheckKind) - {check.kind.step for route in every for check in route.checks}


def _encode(route: Route) -> dict[str, Any]:
    return {
        "checks": [
            {"check": check.kind.value, "settings": dict(check.settings), "onError": check.on_error.value}
            for check in route.checks
        ]
    }
