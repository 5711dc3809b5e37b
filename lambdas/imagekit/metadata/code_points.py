"""What the numbers of PNG's cICP and of HEIF's nclx stand for (ITU-T H.273, tables 2 and 3).

Numbers that are unspecified, reserved or not listed here count as sRGB's: that is how browsers show such images.
"""

from imagekit.metadata.color_encoding import ADOBE_RGB, BT709, SRGB, ColorEncoding, Primaries, TransferFunction

_C = (0.310, 0.316)
_BT601_525 = Primaries(red=(0.630, 0.340), green=(0.310, 0.595), blue=(0.155, 0.070))
# Without 10, CIE 1931 XYZ: two of its primaries are no colours that can be mixed from others.
_PRIMARIES = {
    1: BT709,
    4: Primaries(red=(0.67, 0.33), green=(0.21, 0.71), blue=(0.14, 0.08), white=_C),
    5: Primaries(red=(0.64, 0.33), green=(0.29, 0.60), blue=(0.15, 0.06)),
    6: _BT601_525,
    7: _BT601_525,
    8: Primaries(red=(0.681, 0.319), green=(0.243, 0.692), blue=(0.145, 0.049), white=_C),
    9: Primaries(red=(0.708, 0.292), green=(0.170, 0.797), blue=(0.131, 0.046)),
    11: Primaries(red=(0.680, 0.320), green=(0.265, 0.690), blue=(0.150, 0.060), white=(0.314, 0.351)),
    12: Primaries(red=(0.680, 0.320), green=(0.265, 0.690), blue=(0.150, 0.060)),
    22: Primaries(red=(0.630, 0.340), green=(0.295, 0.605), blue=(0.155, 0.077)),
}

# Not listed: sRGB itself (13), and what BT.709, BT.601, BT.2020 (1, 6, 14, 15), SMPTE 240M (7) and their extensions
# (11, 12) define for cameras. Chromium shows BT.709, BT.601 and BT.2020 with sRGB's function (gfx::ColorSpace), and so
# do programs that ignore the numbers. Logarithms (9, 10) and SMPTE 428 (17) are not in use for photographs.
_GAMMAS = {4: 2.2, 5: 2.8, 8: 1.0}
_HDR = {16: TransferFunction.PQ, 18: TransferFunction.HLG}

ADOBE_RGB_ENCODING = ColorEncoding(primaries=ADOBE_RGB, transfer=TransferFunction.GAMMA, gamma=563 / 256)
"""Adobe RGB (1998) color image encoding, version 2005-05."""


def encoding_of(*, primaries: int, transfer: int) -> ColorEncoding:
    """Return the encoding that two code points stand for.

    Parameters
    ----------
    primaries
        ColourPrimaries.
    transfer
        TransferCharacteristics.
    """
    found = _PRIMARIES.get(primaries, BT709)
    if transfer in _GAMMAS:
        return ColorEncoding(primaries=found, transfer=TransferFunction.GAMMA, gamma=_GAMMAS[transfer])
    return ColorEncoding(primaries=found, transfer=_HDR.get(transfer, SRGB.transfer))
