"""The cells that a blurred or pixelated box is made of, in photographs and videos.

All that such a box shows is made of its cells, so their number is the limit of what anybody can restore, whatever the
box's size.
"""

from random import SystemRandom

from safelight_contracts.redaction.styles import Style

MAX_CELLS = {Style.BLUR: 4, Style.PIXELATE: 5}
"""The most cells a side."""

NOISE = 8
"""The most, of 255, that is added to or subtracted from the value of a cell."""

# The least pixels a side of a cell. A smaller box has fewer cells.
_MIN_CELL_SIDE = 4
# The system's generator: nobody can reproduce its numbers, and subtract them.
_RANDOM = SystemRandom()


def cells_along(side: int, *, style: Style) -> int:
    """Return how many cells a side of a box has.

    Parameters
    ----------
    side
        In pixels.
    style
        `Style.BLUR` or `Style.PIXELATE`.
    """
    return max(1, min(MAX_CELLS[style], side // _MIN_CELL_SIDE))


def with_noise(value: int) -> int:
    """Return the value of a cell, 0 to 255, with noise that nobody can reproduce."""
    return min(255, max(0, value + _RANDOM.randint(-NOISE, NOISE)))
