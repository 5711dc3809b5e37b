"""Operations that change each pixel's colour on its own, or by the histogram. Transparency stays as it is.

The numbers are sharp's (its ``operations.cc``), but sharp cuts decimals off where this rounds.
"""

from itertools import accumulate

import pyvips

from imagekit.operations.workpiece import as_srgb, colors_of, values_of, with_colors
from safelight_contracts.delivery.effects import (
    Clahe,
    Equalize,
    Gamma,
    Grayscale,
    Linear,
    Modulate,
    Negate,
    Normalize,
    Recomb,
    Threshold,
    Tint,
)

# ITU-R BT.601, as JPEG's luma.
_LUMA = (0.299, 0.587, 0.114)
_LIGHTEST = 100
# Of the histogram, for one unit of lightness.
_STEPS = 2.55
_CHANNELS = 3


def gamma(image: pyvips.Image, operation: Gamma) -> pyvips.Image:
    """Raise each value, of 1, to 1 / gamma."""
    return with_colors(image, colors_of(image).gamma(exponent=operation.value))


def negate(image: pyvips.Image, operation: Negate) -> pyvips.Image:
    """Replace each value by 255 less the value."""
    return image.invert() if operation.alpha else with_colors(image, colors_of(image).invert())


def normalize(image: pyvips.Image, operation: Normalize) -> pyvips.Image:
    """Stretch the lightness of CIELAB between two percentiles to 0 to 100. A picture of one lightness stays."""
    lab = colors_of(image).colourspace("lab").copy_memory()
    lightness = lab[0]
    low, high = _percentile(lightness, operation.lower), _percentile(lightness, operation.upper)
    if high - low <= 1:
        return image
    factor = _LIGHTEST / (high - low)
    stretched = lightness.linear(factor, -low * factor).bandjoin(lab[1:3]).copy(interpretation="lab")
    return with_colors(image, stretched.colourspace("srgb"))


def equalize(image: pyvips.Image, _: Equalize) -> pyvips.Image:
    """Equalise the histogram of the luma, and add to each channel what that adds to the luma."""
    colors = colors_of(image)
    luma = (colors * list(_LUMA)).bandmean() * _CHANNELS
    luma = luma.rint().cast("uchar").copy(interpretation="b-w").copy_memory()
    return with_colors(image, colors + (luma.hist_equal() - luma))


def clahe(image: pyvips.Image, operation: Clahe) -> pyvips.Image:
    """Equalise the histogram around each pixel. A tile is at most as large as the picture."""
    width, height = min(operation.width, image.width), min(operation.height, image.height)
    return with_colors(image, colors_of(image).hist_local(width, height, max_slope=operation.max_slope))


def threshold(image: pyvips.Image, operation: Threshold) -> pyvips.Image:
    """Compare each channel, or the grey value."""
    values = _grey(image) if operation.grayscale else colors_of(image)
    return with_colors(image, values >= operation.value)


def linear(image: pyvips.Image, operation: Linear) -> pyvips.Image:
    """Multiply and add. One number is for all channels."""
    factors, offsets = _for_channels(operation.factors), _for_channels(operation.offsets)
    return with_colors(image, colors_of(image).linear(factors, offsets))


def recomb(image: pyvips.Image, operation: Recomb) -> pyvips.Image:
    """Multiply each colour by the matrix."""
    rows = [list(operation.matrix[at : at + _CHANNELS]) for at in range(0, _CHANNELS**2, _CHANNELS)]
    return with_colors(image, colors_of(image).recomb(pyvips.Image.new_from_array(rows)))


def modulate(image: pyvips.Image, operation: Modulate) -> pyvips.Image:
    """Change lightness, chroma and hue in CIE LCh."""
    lch = colors_of(image).colourspace("lch")
    factors, offsets = [operation.brightness, operation.saturation, 1], [operation.lightness, 0, operation.hue]
    changed = lch.linear(factors, offsets).copy(interpretation="lch")
    return with_colors(image, changed.colourspace("srgb"))


def tint(image: pyvips.Image, operation: Tint) -> pyvips.Image:
    """Replace a and b of CIELAB by the colour's."""
    color = operation.color
    one = pyvips.Image.black(1, 1, bands=_CHANNELS).linear(1, values_of(color, bands=_CHANNELS), uchar=True)
    _, a, b = as_srgb(one).colourspace("lab")(0, 0)
    lightness = colors_of(image).colourspace("lab")[0]
    return with_colors(image, lightness.bandjoin([a, b]).copy(interpretation="lab").colourspace("srgb"))


def grayscale(image: pyvips.Image, _: Grayscale) -> pyvips.Image:
    """Replace each channel by the grey of the same luminance in linear light."""
    return with_colors(image, _grey(image))


def _percentile(lightness: pyvips.Image, percent: float) -> float:
    """Return the lightness that this part of the pixels does not exceed. libvips' own ``percent`` is too coarse."""
    if percent <= 0:
        return float(lightness.min())
    counts = (lightness * _STEPS).rint().cast("uchar").hist_find().tolist()[0]
    up_to = accumulate(counts)
    wanted = percent / 100 * lightness.width * lightness.height
    return next(step for step, count in enumerate(up_to) if count >= wanted) / _STEPS


def _grey(image: pyvips.Image) -> pyvips.Image:
    grey = colors_of(image).colourspace("b-w")
    three: pyvips.Image = grey.bandjoin([grey, grey])
    return three


def _for_channels(numbers: tuple[float, ...]) -> list[float]:
    return list(numbers * _CHANNELS)[:_CHANNELS]
