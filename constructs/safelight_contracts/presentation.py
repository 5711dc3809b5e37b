"""How readers see renditions. Checks see the same."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

WHITE = "#ffffff"

LIGHT_AND_DARK = (WHITE, "#000000")
"""What a picture that keeps transparency is seen on. A difference between two pictures shows on at least one."""

MAX_TILES = 9
"""The most tiles of one analysis image."""

_VARIABLE = "PRESENTATION"
_FIRST_AND_LAST = 2


@dataclass(frozen=True, kw_only=True)
class Presentation:
    """The backgrounds on which renditions show an image, and how much of an animation.

    Parameters
    ----------
    backgrounds
        ``#rrggbb``, each once: every colour that can be behind an image where it is transparent. 1 to 9, or 1 to 4
        where animations are published, because checks see at least two frames on each. Default: white.
    animated
        Whether animations are published, so that checks see frames of the whole animation. Default: the first frame
        only.

    Raises
    ------
    ValueError
        If there is no background, or more than fit into one analysis image.
    """

    backgrounds: tuple[str, ...] = (WHITE,)
    animated: bool = False

    def __post_init__(self) -> None:
        most = MAX_TILES // _FIRST_AND_LAST if self.animated else MAX_TILES
        if not 1 <= len(self.backgrounds) <= most:
            raise ValueError(
                f"The renditions use {len(self.backgrounds)} backgrounds for transparent images "
                f"({', '.join(self.backgrounds)}). Checks support 1 to {most}"
                f"{' where a rendition is animated' if self.animated else ''}. Give more renditions the same "
                "background. Renditions that keep transparency count as white and black."
            )


DEFAULT_PRESENTATION = Presentation()
"""On white, and only the first frame of an animation."""


def presentation_to_environment(presentation: Presentation) -> dict[str, str]:
    """Write a presentation as the variable ``PRESENTATION``. The default needs no variable."""
    if presentation == DEFAULT_PRESENTATION:
        return {}
    described = {"backgrounds": presentation.backgrounds, "animated": presentation.animated}
    return {_VARIABLE: json.dumps(described, separators=(",", ":"))}


def presentation_from_environment(environment: Mapping[str, str]) -> Presentation:
    """Read the variable ``PRESENTATION``. Without it, the default applies."""
    if _VARIABLE not in environment:
        return DEFAULT_PRESENTATION
    described = json.loads(environment[_VARIABLE])
    return Presentation(backgrounds=tuple(described["backgrounds"]), animated=described["animated"])
