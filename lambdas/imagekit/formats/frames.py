"""How many pictures a file holds, where its header does not tell."""

from collections.abc import Callable, Iterator, Mapping
from itertools import islice

from imagekit.formats import gif, tiff, webp
from imagekit.formats.header import Header
from safelight_contracts.image_types import ImageType

_WALKS: Mapping[ImageType, Callable[[bytes], Iterator[object]]] = {
    ImageType.GIF: gif.frames,
    ImageType.WEBP: webp.frames,
    ImageType.TIFF: tiff.pages,
}


def count_frames(data: bytes, *, header: Header, at_most: int) -> int:
    """Count the frames of an animation or the pages of a TIFF, without decoding any.

    What is truncated ends the count: decoding finds it out.

    Parameters
    ----------
    data
        The whole file.
    header
        What `imagekit.formats.inspection.inspect_header` said of it.
    at_most
        Where counting ends.

    Returns
    -------
    int
        What the header says where it does; else what a walk through the file finds. At least 1.

    Raises
    ------
    ImageRejected
        `UNREADABLE_IMAGE` where the frames stand in more pieces than any writer makes.
    """
    if header.frames is not None:
        return header.frames
    return max(1, sum(1 for _ in islice(_WALKS[header.type](data), at_most)))
