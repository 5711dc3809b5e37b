"""Colours of backgrounds and of tints."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Color:
    """A colour in sRGB, each channel 0 to 255.

    Parameters
    ----------
    alpha
        0 (clear) to 255 (opaque). Default: opaque.
    """

    red: int
    green: int
    blue: int
    alpha: int = 255


WHITE = Color(red=255, green=255, blue=255)
BLACK = Color(red=0, green=0, blue=0)
