"""Values of requests, each with the name by which a refusal calls it.

Numbers are read in one way in every form, as a JSON number or as text. A text has few spellings, so that a permitted
size cannot be stored under countless URLs: no zeros and no plus sign at its beginning, and no exponent.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TypeVar

from safelight_contracts.delivery.refusals import Refusal, RequestRefusedError

T = TypeVar("T")

_WHOLE = re.compile(r"-?(?:0|[1-9][0-9]{0,8})")
_NUMBER = re.compile(r"-?(?:(?:0|[1-9][0-9]{0,8})(?:\.[0-9]{1,6})?|\.[0-9]{1,6})")
_SWITCHES: Mapping[str, bool] = {"true": True, "false": False}


@dataclass(frozen=True, kw_only=True)
class Given:
    """A value of a request.

    Parameters
    ----------
    name
        As in ``width`` or ``edits.resize.width``.
    value
        Text, or what JSON can be.
    """

    name: str
    value: object

    def whole(self, *, least: int, most: int) -> int:
        """Return a whole number from ``least`` to ``most``."""
        match self.value:
            case bool():
                number = None
            case int() | float():
                number = int(self.value) if self.value == int(self.value) else None
            case str() if _WHOLE.fullmatch(self.value):
                number = int(self.value)
            case _:
                number = None
        if number is None or not least <= number <= most:
            raise self.refused(f"must be a whole number from {least} to {most}.")
        return number

    def number(self, *, least: float, most: float) -> float:
        """Return a number from ``least`` to ``most``."""
        match self.value:
            case bool():
                number = None
            case int() | float():
                number = float(self.value)
            case str() if _NUMBER.fullmatch(self.value):
                number = float(self.value)
            case _:
                number = None
        if number is None or not least <= number <= most:
            raise self.refused(f"must be a number from {least} to {most}.")
        return number

    def switch(self) -> bool:
        """Return ``true`` or ``false``."""
        if isinstance(self.value, bool):
            return self.value
        return self.choice(_SWITCHES)

    def choice(self, choices: Mapping[str, T]) -> T:
        """Return what a name stands for."""
        if not isinstance(self.value, str) or self.value not in choices:
            raise self.refused(f"must be one of {', '.join(choices)}.")
        return choices[self.value]

    def text(self) -> str:
        """Return a text that is not empty."""
        if not isinstance(self.value, str) or not self.value:
            raise self.refused("must be text.")
        return self.value

    def items(self) -> list["Given"]:
        """Return the items of an array. A refusal calls them by the name of the array."""
        if not isinstance(self.value, list):
            raise self.refused("must be an array.")
        return [Given(name=self.name, value=item) for item in self.value]

    def members(self, known: Collection[str]) -> dict[str, "Given"]:
        """Return the members of an object.

        Raises
        ------
        RequestRefusedError
            `UNKNOWN_PARAMETER` if it has one that is not ``known``.
        """
        if not isinstance(self.value, dict):
            raise self.refused("must be an object.")
        check_known(self.value, known=known, kind="member", within=f"{self.name}.")
        return {name: Given(name=f"{self.name}.{name}", value=value) for name, value in self.value.items()}

    def refused(self, rule: str) -> RequestRefusedError:
        """Return the refusal of a value that breaks a rule."""
        return RequestRefusedError(Refusal.BAD_PARAMETER, f"{self.name} {rule}", parameter=self.name)


def check_known(names: Collection[str], *, known: Collection[str], kind: str, within: str = "") -> None:
    """Check that every name is known.

    Parameters
    ----------
    kind
        What a name is of, for the message: ``parameter``.
    within
        What stands before the name in a refusal, as ``edits.``. Default: nothing.

    Raises
    ------
    RequestRefusedError
        `UNKNOWN_PARAMETER`, which names the first.
    """
    for name in sorted(names):
        if name not in known:
            message = f"There is no {kind} {within}{name} here. Known: {', '.join(sorted(known)) or 'none'}."
            raise RequestRefusedError(Refusal.UNKNOWN_PARAMETER, message, parameter=f"{within}{name}")


def contradiction(message: str, *, parameter: str) -> RequestRefusedError:
    """Return the refusal of a parameter that another excludes."""
    return RequestRefusedError(Refusal.CONTRADICTION, message, parameter=parameter)


def required(given: Given, members: Mapping[str, Given], name: str) -> Given:
    """Return a member of an object, and refuse the object without it."""
    if name not in members:
        raise Given(name=f"{given.name}.{name}", value=None).refused("is missing.")
    return members[name]
