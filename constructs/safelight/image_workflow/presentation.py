"""How readers see renditions. Checks see the same."""

from collections.abc import Sequence

from safelight_contracts.image_types import ImageType
from safelight_contracts.presentation import LIGHT_AND_DARK, Presentation, presentation_to_environment
from safelight_contracts.renditions import Rendition


def presentation_environment(renditions: Sequence[Rendition]) -> dict[str, str]:
    """Return how readers see renditions, as the functions read it.

    Raises
    ------
    ValueError
        If one analysis image has no room for all backgrounds.
    """
    presentation = Presentation(
        backgrounds=tuple(_backgrounds(renditions)), animated=any(rendition.animated for rendition in renditions)
    )
    return presentation_to_environment(presentation)


def _backgrounds(renditions: Sequence[Rendition]) -> list[str]:
    colors = [rendition.background.lower() for rendition in renditions if rendition.type is ImageType.JPEG]
    if any(rendition.type is not ImageType.JPEG for rendition in renditions):
        colors += LIGHT_AND_DARK
    return list(dict.fromkeys(colors))
