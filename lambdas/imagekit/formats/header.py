"""What an image's header says: the value that inspection gives."""

from dataclasses import dataclass, field

from imagekit.metadata.exif import PhotoMetadata
from imagekit.metadata.orientation import UPRIGHT
from safelight_contracts.image_types import ImageType


@dataclass(frozen=True, kw_only=True)
class Header:
    """What is known of an image before a pixel is decoded.

    Attributes
    ----------
    type
        The image's type, by content.
    stored_width, stored_height
        Pixels, as stored.
    orientation
        1 to 8, as EXIF 2.32 numbers them (tag 274): how to turn the stored pixels for display. Upright when left out.
    frames
        How many pictures there are: frames of an animation, pages of a TIFF, pictures of a HEIF collection (without
        tiles, thumbnails and what is hidden), or as many as the index of a Multi-Picture JPEG names, among which a
        preview or a gain map may be. None where only a walk through the whole file tells: of GIF, animated WebP and
        TIFF; `imagekit.decoding.decode.inspect` makes it. 1 when left out.
    has_stored_colors
        Whether what is published has the colours that are stored, so that whoever ignores the metadata sees them right.
        It is told of JPEG alone. False where it is not known, and when left out.
    photo_metadata
        What EXIF data tells of the photograph; None for nothing, and when left out. It has no part in the `repr`, as it
        is private.
    """

    type: ImageType
    stored_width: int
    stored_height: int
    orientation: int = UPRIGHT
    frames: int | None = 1
    has_stored_colors: bool = False
    photo_metadata: PhotoMetadata | None = field(default=None, repr=False)

    @property
    def lies_on_its_side(self) -> bool:
        """Whether display swaps width and height."""
        return self.orientation >= 5

    @property
    def width(self) -> int:
        """Pixels across, as displayed."""
        return self.stored_height if self.lies_on_its_side else self.stored_width

    @property
    def height(self) -> int:
        """Pixels down, as displayed."""
        return self.stored_width if self.lies_on_its_side else self.stored_height
