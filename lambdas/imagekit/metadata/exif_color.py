"""The colour space that EXIF data names (EXIF 3.0, tags ColorSpace and InteroperabilityIndex)."""

from imagekit.metadata.code_points import ADOBE_RGB_ENCODING
from imagekit.metadata.color_encoding import SRGB, ColorEncoding
from imagekit.metadata.exif_data import EXIF_IFD, INTEROPERABILITY_IFD, ExifData
from imagekit.metadata.ifd import Ifd
from imagekit.rejection import ImageRejected

_COLOR_SPACE, _INTEROPERABILITY_INDEX = 40961, 1
_SRGB, _ADOBE_RGB, _UNCALIBRATED = 1, 2, 65535
# "THM" is a thumbnail (EXIF 3.0, 4.6.7).
_SRGB_INDEX, _ADOBE_RGB_INDEX = "R98", "R03"
_MAX_INDEX_BYTES = 8


def exif_color_encoding(exif: ExifData) -> ColorEncoding:
    """Return the encoding that EXIF data names, for an image without an ICC profile.

    Adobe RGB is named by the index of DCF's optional files (DCF 2.0), together with the colour space "uncalibrated", as
    DCF has it, with the number that some software uses for Adobe RGB, or with none.

    Parameters
    ----------
    exif
        If it is broken, the encoding is sRGB.
    """
    try:
        space = None if exif.details is None else exif.details.number(_COLOR_SPACE)
        index = _index(exif.interoperability)
    except ImageRejected:
        return SRGB
    is_adobe_rgb = index == _ADOBE_RGB_INDEX and space in (None, _ADOBE_RGB, _UNCALIBRATED)
    return ADOBE_RGB_ENCODING if is_adobe_rgb else SRGB


def names_srgb_or_nothing(exif: ExifData) -> bool:
    """Return whether EXIF data names no other colour space than sRGB.

    Parameters
    ----------
    exif
        False if it is broken.
    """
    first, details = exif.image, exif.details
    if first is None or _is_lost(first, EXIF_IFD, found=details):
        return False
    if details is None:
        return True
    if _is_lost(details, INTEROPERABILITY_IFD, found=exif.interoperability):
        return False
    named = _COLOR_SPACE in details.entries
    is_named_srgb = details.number(_COLOR_SPACE) == _SRGB
    return (not named or is_named_srgb) and _index(exif.interoperability) in (None, _SRGB_INDEX)


def _index(interoperability: Ifd | None) -> str | None:
    return None if interoperability is None else interoperability.text(_INTEROPERABILITY_INDEX, limit=_MAX_INDEX_BYTES)


def _is_lost(ifd: Ifd, tag: int, *, found: Ifd | None) -> bool:
    return tag in ifd.entries and found is None
