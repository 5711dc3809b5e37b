"""The EXIF orientation: how to turn stored pixels for display (EXIF 3.0, tag 274)."""

from collections.abc import Mapping

from imagekit.metadata.exif_data import ExifData

UPRIGHT = 1
"""The orientation of an image that is displayed as it is stored."""

_ORIENTATION = 274


def orientation_of(tags: Mapping[int, int]) -> int:
    """Return the orientation in the tags, `UPRIGHT` if it is missing or invalid."""
    return _valid(tags.get(_ORIENTATION))


def exif_orientation(exif: ExifData) -> int:
    """Read the orientation from EXIF data.

    Broken EXIF data does not make an image unreadable: browsers then show it as it is stored, and so does this.
    """
    return UPRIGHT if exif.image is None else _valid(exif.image.whole_number(_ORIENTATION))


def _valid(orientation: int | None) -> int:
    return orientation if orientation is not None and 1 <= orientation <= 8 else UPRIGHT
