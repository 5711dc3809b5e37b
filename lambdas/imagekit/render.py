"""Renditions: one decode, a cascade of pictures, and a file of each."""

from collections.abc import Sequence
from math import inf

from PIL import Image

from imagekit.cascade import cascade
from imagekit.color import pad
from imagekit.decode import decode
from imagekit.encode import MAX_SIDES, encode
from imagekit.geometry import Placement, Size, place
from imagekit.header import Header
from imagekit.quality import encode_to_target
from imagekit.rendition import RenderedImage, Rendition


def render(data: bytes, *, header: Header, renditions: Sequence[Rendition]) -> list[RenderedImage]:
    """Make the renditions of an image: upright, in sRGB, without metadata.

    Of an animation, the first frame is shown.

    Parameters
    ----------
    data
        The whole file.
    header
        What `imagekit.decode.inspect` said of it, its limits kept.
    renditions
        What to make. Those of one size in several formats are resized once.

    Returns
    -------
    list of RenderedImage
        In the order of `renditions`.

    Raises
    ------
    ImageRejected
        `UNREADABLE_IMAGE` when the bytes are truncated or corrupt.
    """
    if not renditions:
        return []
    image = Size(width=header.width, height=header.height)
    placements = {rendition: _place(image, rendition=rendition) for rendition in renditions}
    smallest_useful = Size(
        width=max(placement.needed.width for placement in placements.values()),
        height=max(placement.needed.height for placement in placements.values()),
    )
    decoded = decode(data, header=header, at_least=smallest_useful)
    pictures = cascade(decoded, placements=placements.values())
    # The cascade lets go of it.
    del decoded
    rendered = {}
    for placement, picture in pictures:
        for rendition in (one for one in placements if placements[one] == placement):
            rendered[rendition] = _encode(picture, canvas=placement.canvas, rendition=rendition)
    return [rendered[rendition] for rendition in renditions]


def _place(image: Size, *, rendition: Rendition) -> Placement:
    return place(
        image,
        fit=rendition.fit,
        width=rendition.width,
        height=rendition.height,
        max_side=MAX_SIDES[rendition.type],
        max_scale=inf if rendition.enlarge else 1.0,
        focal_point=rendition.focal_point,
    )


def _encode(picture: Image.Image, *, canvas: Size, rendition: Rendition) -> RenderedImage:
    padded = pad(picture, width=canvas.width, height=canvas.height, color=rendition.background)
    if rendition.target is None:
        data = encode(padded, image_type=rendition.type, quality=rendition.quality, background=rendition.background)
    else:
        data = encode_to_target(
            padded, image_type=rendition.type, target=rendition.target, background=rendition.background
        )
    return RenderedImage(rendition=rendition, width=canvas.width, height=canvas.height, data=data)
