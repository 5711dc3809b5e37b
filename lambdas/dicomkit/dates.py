"""What becomes of dates and times."""

import re
from datetime import date, timedelta
from enum import StrEnum

DUMMIES = {"DA": "19000101", "DT": "19000101000000", "TM": "000000"}
"""What replaces a date or time where a value is needed."""

_TIME = re.compile(r"\d{2}(\d{2}(\d{2}(\.\d{1,6})?)?)?")
_DATE = re.compile(r"(\d{4})(\d{2})(\d{2})")


class Dates(StrEnum):
    """The rule for dates and times."""

    EMPTY = "EMPTY"
    """All are emptied, or replaced by a dummy where the table demands a value."""
    SHIFT = "SHIFT"
    """The dates of a patient move by the same number of days into the past, so that their order and distances stay.
    Times of day stay. Dates of the patient's life (group 0010) are emptied. What is no full date is emptied."""


def shifted(value: str, *, vr: str, days: int) -> str:
    """Move a date (DA) or a date with time (DT) into the past. A value that is no full date becomes empty.

    The offset from UTC of a DT is dropped: it says where the patient was.
    """
    match = _DATE.match(value)
    if not match or (vr == "DA" and len(value.strip()) != len("YYYYMMDD")):
        return ""
    try:
        moved = date(*(int(part) for part in match.groups())) - timedelta(days=days)
    except (ValueError, OverflowError):
        return ""
    time = re.match(r"\d{0,6}(\.\d{1,6})?", value[match.end() :].strip())
    return f"{moved:%Y%m%d}".rjust(8, "0") + (time.group() if time and vr == "DT" else "")


def kept_time(value: str) -> str:
    """Return a time of day (TM), or an empty text if it is none."""
    plain = value.strip()
    return plain if _TIME.fullmatch(plain) else ""
