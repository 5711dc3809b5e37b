"""The EXIF orientation: how to turn stored pixels for display (EXIF 3.0, tag 274)."""

from collections.abc import Mapping

from imagekit.metadata.ifd import read_tags
from imagekit.rejection import ImageRejected
from imagekit.source import Source

UPRIGHT = 1
"""The orientation of an image that is displayed as it is stored."""

_ORIENTATION = 274


def orientation_of(tags: Mapping[int, int]) -> int:
    """Return the orientation in the tags, `UPRIGHT` if it is missing or invalid."""
    orientation = tags.get(_ORIENTATION, UPRIGHT)
    return orientation if 1 <= orientation <= 8 else UPRIGHT


def exif_orientation(exif: Source) -> int:
    """Read the orientation from EXIF data.

    Broken EXIF data does not make an image unreadable: browsers then show it as it is stored, and so does this.
    """
    try:
        return orientation_of(read_tags(exif))
    except ImageRejected:
        return UPRIGHT
