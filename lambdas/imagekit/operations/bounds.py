"""The largest picture that a request can ask for. A larger one is refused before it takes memory."""

from imagekit.geometry import Size
from safelight_contracts.delivery.refusals import Refusal, RequestRefusedError
from safelight_contracts.delivery.shaping import MAX_SIDE
from safelight_contracts.image_types import ImageType

MAX_PIXELS = 50_000_000
"""The most pixels of a picture that an operation makes, and of a picture that is delivered."""

MAX_AVIF_PIXELS = 16_000_000
"""The most pixels of an AVIF. Its encoder takes up to 60 bytes of memory a pixel, of the 1,500 MB of a worker. With
`imagekit.operations.output`'s effort it takes 0.6 processor seconds for a megapixel of a photograph, and 1.2 at quality
95, of the 25 seconds of a request."""

_MAX_CUT_SIDE = 100_000


def check_size(size: Size) -> None:
    """Refuse a picture that is too large.

    Raises
    ------
    RequestRefusedError
        ``BAD_PARAMETER`` if a side exceeds `MAX_SIDE`, or the pixels `MAX_PIXELS`.
    """
    if max(size.width, size.height) > MAX_SIDE:
        raise RequestRefusedError(
            Refusal.BAD_PARAMETER,
            f"The picture would be {size.width} x {size.height}. Ask for at most {MAX_SIDE} pixels a side.",
        )
    if size.width * size.height > MAX_PIXELS:
        raise RequestRefusedError(
            Refusal.BAD_PARAMETER,
            f"The picture would be {size.width} x {size.height}. Ask for at most {MAX_PIXELS:,} pixels.",
        )


def check_type_size(image_type: ImageType | None, *, size: Size) -> None:
    """Refuse a picture that is too large for the type that a request names.

    Raises
    ------
    RequestRefusedError
        ``BAD_PARAMETER`` if it is an AVIF of more than `MAX_AVIF_PIXELS`.
    """
    if image_type is ImageType.AVIF and not fits_avif(size):
        raise RequestRefusedError(
            Refusal.BAD_PARAMETER,
            f"The picture would be {size.width} x {size.height}. An AVIF has at most {MAX_AVIF_PIXELS:,} pixels: ask "
            "for a smaller size or for webp.",
            parameter="format",
        )


def fits_avif(size: Size) -> bool:
    """Return whether a picture can be made as an AVIF in the memory and time of a request."""
    return size.width * size.height <= MAX_AVIF_PIXELS


def check_growth(size: Size, *, before: Size) -> None:
    """Refuse a picture that is too large because an operation made it larger. A source may be larger than a result.

    Raises
    ------
    RequestRefusedError
        As for `check_size`.
    """
    if size.width > before.width or size.height > before.height:
        check_size(size)


def check_scaled(size: Size) -> None:
    """Refuse an enlargement of which a cover would keep a very small part.

    Raises
    ------
    RequestRefusedError
        ``BAD_PARAMETER`` if a side exceeds what libvips can count without loss.
    """
    if max(size.width, size.height) > _MAX_CUT_SIDE:
        raise RequestRefusedError(
            Refusal.BAD_PARAMETER,
            "The aspect ratios of the picture and of the size differ too much. Ask for a smaller size.",
        )
