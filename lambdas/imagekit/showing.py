"""What checks are to be shown of an image that readers may see in several ways."""

from dataclasses import dataclass

from imagekit.tiles import MAX_TILES

WHITE = "#ffffff"

_TILES_OF_LONG = 4
_FIRST_AND_LAST = 2


@dataclass(frozen=True, kw_only=True)
class Showing:
    """On what backgrounds an image is shown, and how much of an animation.

    Attributes
    ----------
    backgrounds
        `#rrggbb`, each once, 1 to 9 of them: every colour that an image may lie on where it is transparent. White when
        left out.
    animated
        Whether animations are published, so that checks see frames of all of an animation. Their first frame alone when
        left out.
    """

    backgrounds: tuple[str, ...] = (WHITE,)
    animated: bool = False


ON_WHITE = Showing()
"""One picture on white, the first frame of an animation."""


def spread(frames: int, *, most: int) -> list[int]:
    """Choose frames of an animation, evenly spread, the first and the last among them.

    Parameters
    ----------
    frames
        How many there are, at least 1.
    most
        How many are chosen, at least 2; all where there are no more.

    Returns
    -------
    list of int
        Their numbers from 0, rising.
    """
    chosen = min(frames, most)
    return [round(number * (frames - 1) / max(1, chosen - 1)) for number in range(chosen)]


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
