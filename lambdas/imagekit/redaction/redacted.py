"""Redacted files, as functions know them that do not decode themselves."""

from dataclasses import dataclass

from safelight_contracts.image_types import ImageType


@dataclass(frozen=True, kw_only=True)
class RedactedImage:
    """An image file in which boxes are covered.

    `data`: the file, written anew from pixels.
    `type`: its type: that of the source, if it can be written.
    `width`, `height`: in pixels, upright.
    """

    data: bytes
    type: ImageType
    width: int
    height: int
