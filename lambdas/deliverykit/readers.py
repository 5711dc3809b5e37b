"""Values that more than one form has, each with one range."""

from deliverykit.given import Given
from safelight_contracts.delivery.shaping import MAX_SIDE

MAX_COORDINATE = 999_999
"""Pixels from the corner of a source. No source that is accepted is wider."""

MAX_TOLERANCE = 255
MAX_DEGREES = 360
LEAST_SCALE, MAX_SCALE = 0.0001, 10
MAX_FACE = 99
LEAST_SIGMA, MAX_SIGMA = 0.3, 100
LEAST_SHARPEN_SIGMA, MAX_SHARPEN_SIGMA = 0.01, 10
LEAST_KERNEL, MAX_KERNEL = 3, 25
MAX_WEIGHT = 1_000_000
"""The largest number in a kernel."""


def side_of(given: Given) -> int:
    """Read a side of a box, in pixels."""
    return given.whole(least=1, most=MAX_SIDE)


def multiplied(side: int, *, factor: float, given: Given) -> int:
    """Multiply a side, rounded as JavaScript's ``Math.round``.

    Parameters
    ----------
    given
        What says the factor. It is refused if the result is not a side.
    """
    result = int(side * factor + 0.5)
    if not 1 <= result <= MAX_SIDE:
        raise given.refused(f"times the sides must be 1 to {MAX_SIDE}.")
    return result


def coordinate_of(given: Given) -> int:
    """Read pixels from the left or the top of the picture."""
    return given.whole(least=0, most=MAX_COORDINATE)


def tolerance_of(given: Given) -> int:
    """Read how far a colour may be from another, 0 to 255."""
    return given.whole(least=0, most=MAX_TOLERANCE)


def degrees_of(given: Given) -> float:
    """Read an angle."""
    return given.number(least=-MAX_DEGREES, most=MAX_DEGREES)


def scale_of(given: Given) -> float:
    """Read the factor of both sides."""
    return given.number(least=LEAST_SCALE, most=MAX_SCALE)


def face_index_of(given: Given) -> int:
    """Read which face, the largest first, from 0."""
    return given.whole(least=0, most=MAX_FACE)


def padding_of(given: Given) -> int:
    """Read pixels around a face."""
    return given.whole(least=0, most=MAX_SIDE)


def blur_sigma_of(given: Given) -> float:
    """Read the sigma of a blur, in pixels."""
    return given.number(least=LEAST_SIGMA, most=MAX_SIGMA)


def sharpen_sigma_of(given: Given) -> float:
    """Read the sigma of a sharpening, in pixels."""
    return given.number(least=LEAST_SHARPEN_SIGMA, most=MAX_SHARPEN_SIGMA)


def kernel_side_of(given: Given) -> int:
    """Read a side of a kernel, which is odd."""
    side = given.whole(least=LEAST_KERNEL, most=MAX_KERNEL)
    if side % 2 == 0:
        raise given.refused("must be odd.")
    return side


def weight_of(given: Given) -> float:
    """Read a number of a kernel."""
    return given.number(least=-MAX_WEIGHT, most=MAX_WEIGHT)
