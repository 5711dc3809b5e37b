"""Convert images to sRGB, at their own depth: by their ICC profile, or by the encoding that they name without one."""

import pyvips

from imagekit.decoding.libvips import evaluate, profile_of
from imagekit.decoding.light import to_linear_light
from imagekit.metadata.color_encoding import SRGB, ColorEncoding
from imagekit.metadata.srgb import is_srgb

VISIBLE_ALPHA = 8
"""The lowest alpha, of 255, that is kept. Below it, black and white differ by at most 3 % on any background."""

_INTEGERS = {"uchar", "ushort"}
_GREY = {"b-w", "grey16"}
_LARGEST_FLOAT = 3.4e38
# What is opaque in an alpha channel of each type. In floating point it is 1.
_OPAQUE = {"char": 2**7 - 1, "short": 2**15 - 1, "int": 2**31 - 1, "uint": 2**32 - 1}


def in_srgb(image: pyvips.Image, *, encoding: ColorEncoding) -> pyvips.Image:
    """Convert an image to sRGB, or to grey of 8 bits. Pixels that are nearly invisible lose their colour.

    A profile that is broken, or for another colour model than the image's, is ignored. CMYK without a profile counts as
    the inks that libvips assumes. Grey without a profile stays grey: each value stands for three equal values in sRGB.

    `image`: of any depth and colour model, with or without alpha.
    `encoding`: how numbers stand for colours, if the header says so. It then replaces a profile.

    Result: of 8 bits, grey or sRGB, with alpha if the image has it.
    """
    image = _integers(image)
    profile = profile_of(image)
    converted = None
    if encoding != SRGB:
        converted = _by_encoding(image, encoding=encoding)
    elif profile is not None and not (image.interpretation == "srgb" and is_srgb(profile)):
        converted = _by_profile(image)
    if converted is None and image.interpretation == "cmyk":
        converted = image.icc_transform("srgb", input_profile="cmyk", intent="relative", depth=8)
    if converted is None:
        converted = image.colourspace("b-w" if image.interpretation in _GREY else "srgb")
    return without_hidden_colors(converted.cast("uchar"))


def without_hidden_colors(image: pyvips.Image) -> pyvips.Image:
    """Make pixels black and fully transparent if their alpha is below `VISIBLE_ALPHA`.

    Otherwise the file would contain colours that nobody is meant to see, and viewers that ignore alpha would show them.

    `image`: of 8 bits.
    """
    if not image.hasalpha():
        return image
    shown: pyvips.Image = (image[image.bands - 1] >= VISIBLE_ALPHA).ifthenelse(image, 0)
    return shown


def is_transparent(image: pyvips.Image) -> bool:
    """Return whether any pixel is transparent, even slightly.

    `image`: of 8 bits, in memory.
    """
    return bool(image.hasalpha() and image[image.bands - 1].min() < 255)


def _by_profile(image: pyvips.Image) -> pyvips.Image | None:
    try:
        converted: pyvips.Image = image.icc_transform("srgb", embedded=True, intent="relative", depth=8)
    except pyvips.Error:
        return None
    return converted


def _by_encoding(image: pyvips.Image, *, encoding: ColorEncoding) -> pyvips.Image:
    colors = image.bands - 1 if image.hasalpha() else image.bands
    largest = 65_535 if image.format == "ushort" else 255
    light = to_linear_light(image[:colors] / largest, encoding=encoding)
    if colors == 1:
        light = light.bandjoin([light, light])
    converted = light.copy(interpretation="scrgb").colourspace("srgb")
    if not image.hasalpha():
        return converted
    alpha = image[colors] if largest == 255 else (image[colors] / 257).rint()
    joined: pyvips.Image = converted.bandjoin(alpha.cast("uchar"))
    return joined


def _integers(image: pyvips.Image) -> pyvips.Image:
    """Scale numbers of any other type from the lowest to the highest to 8 bits. Colours of floats are linear light."""
    if image.format in _INTEGERS or image.interpretation in ("lab", "labs", "labq", "xyz"):
        return image
    if image.bands >= 3 and image.format in ("float", "double"):
        return image.copy(interpretation="scrgb")
    image = evaluate(image)
    colors = 3 if image.bands >= 3 else 1
    scaled = _scaled(image[:colors].cast("double")).copy(interpretation="srgb" if colors == 3 else "b-w")
    if image.bands == colors:
        return scaled
    joined: pyvips.Image = scaled.bandjoin((image[colors] * (255 / _OPAQUE.get(image.format, 1))).cast("uchar"))
    return joined


def _scaled(numbers: pyvips.Image) -> pyvips.Image:
    # Neither infinite nor NaN, which equals nothing.
    finite = numbers.abs() <= _LARGEST_FLOAT
    low = finite.ifthenelse(numbers, _LARGEST_FLOAT).min()
    high = finite.ifthenelse(numbers, -_LARGEST_FLOAT).max()
    if high <= low:
        # One value alone: most writers of such numbers use 0 to 1.
        low, high = 0.0, 1.0
    scaled: pyvips.Image = finite.ifthenelse((numbers - low) * (255 / (high - low)), (numbers > 0).ifthenelse(255, 0))
    return scaled.rint().cast("uchar")
