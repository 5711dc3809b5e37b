"""How numbers stand for colours in an image that has no ICC profile: its primaries and its transfer function.

PNG names them by cICP, gAMA and cHRM, AVIF and HEIC by the box colr of type nclx, and JPEG by EXIF data. The code
points of cICP and nclx are those of ITU-T H.273.
"""

from dataclasses import dataclass
from enum import StrEnum

Chromaticity = tuple[float, float]
"""The x and y of CIE 1931."""

D65: Chromaticity = (0.3127, 0.3290)


@dataclass(frozen=True, kw_only=True)
class Primaries:
    """The chromaticities of the three colours that are mixed, and of white."""

    red: Chromaticity
    green: Chromaticity
    blue: Chromaticity
    white: Chromaticity = D65


BT709 = Primaries(red=(0.640, 0.330), green=(0.300, 0.600), blue=(0.150, 0.060))
"""sRGB's primaries too."""

ADOBE_RGB = Primaries(red=(0.640, 0.330), green=(0.210, 0.710), blue=(0.150, 0.060))


class TransferFunction(StrEnum):
    """How numbers stand for light."""

    SRGB = "sRGB"
    GAMMA = "gamma"
    PQ = "PQ"
    HLG = "HLG"


@dataclass(frozen=True, kw_only=True)
class ColorEncoding:
    """How numbers stand for colours.

    `gamma`: the exponent that turns a number from 0 to 1 into light, for `TransferFunction.GAMMA`. 1 is linear light.
    """

    primaries: Primaries
    transfer: TransferFunction
    gamma: float = 1.0


SRGB = ColorEncoding(primaries=BT709, transfer=TransferFunction.SRGB)
