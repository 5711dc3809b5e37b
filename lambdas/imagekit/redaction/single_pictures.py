"""Which images can be redacted: single pictures."""

from imagekit.formats.header import Header
from imagekit.rejection import ImageFault, ImageRejected
from safelight_contracts.image_types import ImageType

_TYPES_OF_SEVERAL_PICTURES = (ImageType.GIF, ImageType.WEBP, ImageType.PNG, ImageType.AVIF, ImageType.TIFF)


def reject_several_pictures(header: Header) -> None:
    """Reject an animation, and a TIFF of several pages: their other pictures would not be redacted.

    Raises
    ------
    ImageRejected
        ``UNSUPPORTED_TYPE``, with the number of pictures.
    """
    if (header.frames or 1) > 1 and header.type in _TYPES_OF_SEVERAL_PICTURES:
        raise ImageRejected(
            ImageFault.UNSUPPORTED_TYPE,
            detail={
                "type": str(header.type),
                "frames": header.frames,
                "problem": "only single pictures can be redacted",
            },
        )
