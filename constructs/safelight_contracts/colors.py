"""Colours as text, as renditions and watermarks have them."""

import re

_RGB = re.compile(r"#[0-9a-fA-F]{6}")
_ALPHA = re.compile(r"[0-9a-fA-F]{2}")


def is_rgb(text: str) -> bool:
    """Return whether a text is a colour as `#rrggbb`."""
    return _RGB.fullmatch(text) is not None


def is_rgb_or_rgba(text: str) -> bool:
    """Return whether a text is a colour as `#rrggbb` or `#rrggbbaa`."""
    return is_rgb(text) or (is_rgb(text[:-2]) and _ALPHA.fullmatch(text[-2:]) is not None)
