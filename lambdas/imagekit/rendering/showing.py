"""What checks are to be shown of an image that readers may see in several ways."""

from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate

from safelight_contracts.showing import MAX_TILES

_TILES_OF_LONG = 4
_FIRST_AND_LAST = 2


def spread(milliseconds: Sequence[int], *, most: int) -> list[int]:
    """Choose frames of an animation, evenly spread over its play time, the first and the last among them.

    What is shown for a `most - 1`th of the play time without a break is in one of them, whether in one frame or in
    several. Where a frame is shown at several of the instants, the longest of the other frames make up the number.

    Parameters
    ----------
    milliseconds
        How long each frame is shown, more than 0; at least one.
    most
        How many are chosen, at least 2; all where there are no more.

    Returns
    -------
    list of int
        Their numbers from 0, rising.
    """
    numbers = range(len(milliseconds))
    if len(numbers) <= most:
        return list(numbers)
    steps = most - 1
    ends = [steps * end for end in accumulate(milliseconds)]
    at_instants = {bisect_right(ends, step * ends[-1] // steps) for step in range(1, steps)}
    chosen = {numbers[0], numbers[-1], *at_instants}
    others = sorted(set(numbers) - chosen, key=lambda number: (-milliseconds[number], number))
    return sorted([*chosen, *others[: most - len(chosen)]])


def frames_shown(*, backgrounds: int, is_long: bool) -> int:
    """Give how many frames of an animation are shown on each background.

    Parameters
    ----------
    backgrounds
        How many there are; up to 4, so that two frames on each of them are no more than nine tiles.
    is_long
        Whether each tile is a contact sheet. There are four tiles then where the backgrounds let it, so that what is
        on the sheets stays large.
    """
    tiles = _TILES_OF_LONG if is_long else MAX_TILES
    return max(_FIRST_AND_LAST, tiles // backgrounds)
