"""What an image's header says: the value that inspection gives."""

from dataclasses import dataclass

from imagekit.image_type import ImageType

UPRIGHT = 1
"""The EXIF orientation of an image that is displayed as it is stored."""


@dataclass(frozen=True, kw_only=True)
class Header:
    """Type, size and orientation of an image.

    Attributes
    ----------
    type
        The image's type, by content.
    stored_width, stored_height
        Pixels, as stored.
    orientation
        1 to 8, as EXIF 2.32 numbers them (tag 274): how to turn the stored pixels for display.
    """

    type: ImageType
    stored_width: int
    stored_height: int
    orientation: int = UPRIGHT

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
