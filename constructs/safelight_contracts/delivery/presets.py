"""Presets: images with a name, which anybody may ask for."""

import re
from dataclasses import dataclass

from safelight_contracts.arguments import validated_fields
from safelight_contracts.delivery.shaping import MAX_SIDE, FocalPoint, Focus, ResizeFit
from safelight_contracts.image_types import WRITABLE_TYPES, ImageType

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,31}")


@validated_fields
@dataclass(frozen=True, kw_only=True)
class Preset:
    """An image that a delivery makes for ``?preset=NAME``.

    Parameters
    ----------
    width, height
        Pixels, at most 8,192. Default: what the aspect ratio gives. If neither is given, the image keeps its size.
    fit
        How the image is fitted to the box. Default: inside.
    enlarge
        Whether a smaller image is enlarged. Default: ``False``.
    focus
        What ``ResizeFit.COVER`` crops around. Default: the middle.
    type
        One of JPEG, PNG, WebP and AVIF. Default: what the viewer accepts.
    quality
        1 to 100. Default: 80 for JPEG and WebP, 60 for AVIF.
    grayscale
        Whether colours are removed. Default: ``False``.

    Raises
    ------
    ValueError
        If a value is out of range.
    """

    width: int | None = None
    height: int | None = None
    fit: ResizeFit = ResizeFit.INSIDE
    enlarge: bool = False
    focus: Focus | FocalPoint | None = None
    type: ImageType | None = None
    quality: int | None = None
    grayscale: bool = False

    def __post_init__(self) -> None:
        for name, side in (("width", self.width), ("height", self.height)):
            if side is not None and not 1 <= side <= MAX_SIDE:
                raise ValueError(f"Preset: {name}={side} must be 1 to {MAX_SIDE} pixels.")
        if self.type is not None and self.type not in WRITABLE_TYPES:
            raise ValueError(f"Preset: type={self.type} must be one of {', '.join(WRITABLE_TYPES)}.")
        if self.quality is not None and not 1 <= self.quality <= 100:
            raise ValueError(f"Preset: quality={self.quality} must be 1 to 100.")
        if self.focus is not None and self.fit is not ResizeFit.COVER:
            raise ValueError("Preset: focus= needs fit=ResizeFit.COVER, because nothing else crops.")

    @property
    def parameters(self) -> dict[str, str]:
        """The parameters of a query that asks for the same image."""
        given = {
            "width": self.width,
            "height": self.height,
            "fit": self.fit.value,
            "enlarge": _flag(self.enlarge),
            "focus": f"{self.focus.x:.6f},{self.focus.y:.6f}" if isinstance(self.focus, FocalPoint) else self.focus,
            "format": self.type and self.type.lower(),
            "quality": self.quality,
            "grayscale": _flag(self.grayscale),
        }
        return {name: str(value) for name, value in given.items() if value is not None}


def is_preset_name(name: str) -> bool:
    """Say whether a preset may have a name: 1 to 32 lower-case letters, digits, ``-`` and ``_``."""
    return _NAME.fullmatch(name) is not None


def _flag(is_set: bool) -> str | None:  # noqa: FBT001 - the value of a parameter
    return "true" if is_set else None
