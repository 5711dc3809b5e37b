"""Choose the frames of an animation that checks see."""

from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate

from safelight_contracts.presentation import MAX_TILES

_TILES_OF_LONG = 4
_FIRST_AND_LAST = 2


def spread(milliseconds: Sequence[int], *, most: int) -> list[int]:
    """Choose frames of an animation, evenly spread over its play time. The first and the last are always chosen.

    Content that is visible without a break for 1 / (`most` - 1) of the play time is in one of the chosen frames,
    whether it spans one frame or several. If one frame is shown at several of the chosen instants, the longest of the
    other frames fill up the number.

    `milliseconds`: how long each frame is shown, more than 0. At least one frame.
    `most`: how many frames to choose, at least 2. All frames, if there are no more.

    Returns the numbers of the frames, from 0, in ascending order.
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
    """Return the number of frames of an animation that are shown on each background.

    `backgrounds`: the number of backgrounds, at most 4, so that two frames on each of them take at most nine tiles.
    `is_long`: whether each tile is a contact sheet. In that case there are four tiles, if the number of backgrounds
    allows it, so that the content of the sheets stays large.
    """
    tiles = _TILES_OF_LONG if is_long else MAX_TILES
    return max(_FIRST_AND_LAST, tiles // backgrounds)
