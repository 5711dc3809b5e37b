"""The directories of EXIF data (EXIF 3.0, CIPA DC-008-2023, 4.6). Each is read once."""

from dataclasses import dataclass
from functools import cached_property

from imagekit.metadata.ifd import Ifd, linked_ifd, read_ifd
from imagekit.rejection import ImageRejected
from imagekit.source import Source

EXIF_IFD = 34665
"""The tag that links to EXIF's own directory."""

INTEROPERABILITY_IFD = 40965
"""The tag that links from there to the directory that names DCF's colour space."""

_GPS_IFD = 34853


@dataclass(frozen=True, kw_only=True)
class ExifData:
    """The directories of EXIF data, of a TIFF file, or of camera raw that is a TIFF file.

    A directory that is missing or broken is None. All but the first are read when you ask for them.

    Attributes
    ----------
    image
        The first IFD.
    """

    image: Ifd | None

    @cached_property
    def details(self) -> Ifd | None:
        """EXIF's own IFD."""
        return linked_ifd(self.image, EXIF_IFD)

    @cached_property
    def position(self) -> Ifd | None:
        """The GPS IFD."""
        return linked_ifd(self.image, _GPS_IFD)

    @cached_property
    def interoperability(self) -> Ifd | None:
        """DCF's IFD."""
        return linked_ifd(self.details, INTEROPERABILITY_IFD)


def read_exif(source: Source) -> ExifData:
    """Read EXIF data. Never raises, whatever the bytes are.

    Parameters
    ----------
    source
        The TIFF structure and nothing else: no value beyond its end is read.
    """
    return ExifData(image=first_ifd(source))


def first_ifd(source: Source) -> Ifd | None:
    """Read the first IFD of a TIFF structure; None if there is none or it is broken."""
    try:
        return read_ifd(source)
    except ImageRejected:
        return None
