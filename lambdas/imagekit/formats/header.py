"""What an image's header says."""

from dataclasses import dataclass, field

from imagekit.geometry import Size
from imagekit.metadata.color_encoding import SRGB, ColorEncoding
from imagekit.metadata.exif import PhotoMetadata
from imagekit.metadata.orientation import UPRIGHT
from safelight_contracts.image_types import ImageType


@dataclass(frozen=True, kw_only=True)
class Aperture:
    """Where the shown pixels are among those that are coded, for a decoder that returns all of them.

    `left`, `top`: in pixels, as stored.
    `coded`: the size of what is coded.
    """

    left: int
    top: int
    coded: Size


@dataclass(frozen=True, kw_only=True)
class Header:
    """What is known about an image before it is decoded.

    `stored_width`, `stored_height`: in pixels, as stored.
    `aperture`: where these pixels are among those that are coded. None: all of them are shown, or the decoder cuts.
    Default: None.
    `orientation`: how to turn the stored pixels for display: 1 to 8, as in EXIF. Default: upright.
    `frames`: the number of pictures: frames of an animation, pages of a TIFF, visible pictures of a HEIF collection (no
    tiles or thumbnails), or entries in the index of a Multi-Picture JPEG, which may include a preview or a gain map.
    None if only the whole file tells (GIF, animated WebP and TIFF); `imagekit.decoding.limits.inspect` then counts
    them. Default: 1.
    `is_srgb`: whether the stored colours are sRGB, so that software that ignores the metadata shows them correctly.
    Only known for JPEG. Default: False.
    `color_encoding`: how the numbers stand for colours if there is no ICC profile. Default: as in sRGB.
    `photo_metadata`: what EXIF data says of the photograph. It is private and therefore not part of the `repr`.
    Default: None.
    """

    type: ImageType
    stored_width: int
    stored_height: int
    aperture: Aperture | None = None
    orientation: int = UPRIGHT
    frames: int | None = 1
    is_srgb: bool = False
    color_encoding: ColorEncoding = SRGB
    photo_metadata: PhotoMetadata | None = field(default=None, repr=False)

    @property
    def swaps_sides(self) -> bool:
        """Whether width and height are swapped for display."""
        return self.orientation >= 5

    @property
    def width(self) -> int:
        """In pixels, as displayed."""
        return self.stored_height if self.swaps_sides else self.stored_width

    @property
    def height(self) -> int:
        """In pixels, as displayed."""
        return self.stored_width if self.swaps_sides else self.stored_height

    @property
    def coded(self) -> Size:
        """The size of what is decoded, as stored."""
        if self.aperture is not None:
            return self.aperture.coded
        return Size(width=self.stored_width, height=self.stored_height)
