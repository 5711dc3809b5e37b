"""In which ways readers may see an image: what its checks are shown of it."""

import json
from collections.abc import Sequence

from safelight.image_workflow.renditions import ImageType, Rendition

_WHITE = "#ffffff"
# What differs anywhere in a picture differs on at least one of the two.
_LIGHT_AND_DARK = (_WHITE, "#000000")

# One analysis image has nine tiles: a transparent image takes one for each background, a transparent animation two at
# least, as its first and its last frame are shown.
_MAX_BACKGROUNDS = 9
_MAX_BACKGROUNDS_OF_ANIMATIONS = 4


def showing_environment(renditions: Sequence[Rendition]) -> dict[str, str]:
    """Return in which ways renditions show an image, as the functions read it; nothing for white alone.

    Raises
    ------
    ValueError
        When there are more backgrounds than one analysis image has room for.
    """
    backgrounds = _backgrounds(renditions)
    animated = any(rendition.animated for rendition in renditions)
    most = _MAX_BACKGROUNDS_OF_ANIMATIONS if animated else _MAX_BACKGROUNDS
    if len(backgrounds) > most:
        raise ValueError(
            f"renditions show what is transparent on {len(backgrounds)} backgrounds ({', '.join(backgrounds)}), and "
            f"this workflow's checks can look at {most} at most{' where a rendition is animated' if animated else ''}: "
            "let more renditions have the same background. Those that keep transparency count as white and black."
        )
    if backgrounds == [_WHITE] and not animated:
        return {}
    return {"SHOWING": json.dumps({"backgrounds": backgrounds, "animated": animated}, separators=(",", ":"))}


def _backgrounds(renditions: Sequence[Rendition]) -> list[str]:
    colors = [rendition.background.lower() for rendition in renditions if rendition.type is ImageType.JPEG]
    if any(rendition.type is not ImageType.JPEG for rendition in renditions):
        colors += _LIGHT_AND_DARK
    return list(dict.fromkeys(colors))
