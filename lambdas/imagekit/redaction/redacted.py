"""Redacted files, as functions know them that do not decode themselves."""

from collections.abc import Sequence
from dataclasses import dataclass

from safelight_contracts.image_types import ImageType
from safelight_contracts.redaction.boxes import Box
from safelight_contracts.redaction.redact import Redact


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


@dataclass(frozen=True, kw_only=True)
class Cover:
    """What is covered in an image before anything is made of it.

    `boxes`: on the upright image.
    `redact`: how faces are covered, and the padding.
    """

    boxes: Sequence[Box]
    redact: Redact
