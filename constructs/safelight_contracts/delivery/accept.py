"""The type of image that a viewer gets when the request names none."""

import re
from enum import StrEnum


class AcceptedType(StrEnum):
    """What the viewer's ``Accept`` allows. Every browser that shows AVIF shows WebP too."""

    AVIF = "avif"
    WEBP = "webp"
    PLAIN = "plain"
    """JPEG, or PNG for a picture with transparency."""


_CANDIDATES = {
    "image/avif": AcceptedType.AVIF,
    "image/webp": AcceptedType.WEBP,
    "image/jpeg": AcceptedType.PLAIN,
    "image/png": AcceptedType.PLAIN,
}
_QUALITY = re.compile(r"q=(0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?)", re.IGNORECASE)


def accepted_type(accept: str) -> AcceptedType:
    """Choose a type by the header ``Accept``.

    Only ``image/avif`` and ``image/webp`` as such count, because ``*/*`` and ``image/*`` are also sent by what shows
    neither. The higher ``q`` wins, and AVIF before WebP before JPEG if they are equal (RFC 9110, section 12.5.1).
    """
    weights: dict[AcceptedType, float] = {}
    for item in accept.split(","):
        name, *parameters = (part.strip(" \t") for part in item.split(";"))
        candidate = _CANDIDATES.get(name.lower())
        if candidate is not None:
            weights[candidate] = max(_weight(parameters), weights.get(candidate, 0))
    best = max(AcceptedType, key=lambda candidate: weights.get(candidate, 0))
    return best if weights.get(best, 0) > 0 else AcceptedType.PLAIN


def _weight(parameters: list[str]) -> float:
    """Return ``q``: 1 if there is none, and 0 if it is malformed."""
    for parameter in parameters:
        if parameter.lower().startswith("q="):
            quality = _QUALITY.fullmatch(parameter)
            return float(quality[1]) if quality else 0
    return 1
