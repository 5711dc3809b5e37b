"""The largest picture that a request can ask for. A larger one is refused before it takes memory."""

from imagekit.geometry import Size
from safelight_contracts.delivery.refusals import Refusal, RequestRefusedError
from safelight_contracts.delivery.shaping import MAX_SIDE

MAX_PIXELS = 50_000_000
"""The most pixels of a picture that an operation makes, and of a picture that is delivered."""

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
