"""The types that a viewer accepts."""

from enum import StrEnum


class AcceptedType(StrEnum):
    """The best type that a viewer accepts, where the request names none."""

    AVIF = "avif"
    WEBP = "webp"
    PLAIN = "plain"
    """JPEG, or PNG for a picture with transparency."""
