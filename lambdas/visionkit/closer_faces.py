"""Find small and large faces, too: search a picture as a whole, in smaller and smaller parts, and in a border."""

from collections.abc import Iterator
from dataclasses import replace

from imagekit.geometry import WHOLE, Box, Size
from imagekit.redaction.search_places import closer_places
from visionkit.borders import bordered
from visionkit.detection import Found
from visionkit.faces import find_faces
from visionkit.image import Pixels, decode

# The network finds a face of a 20th of the side of what it gets: in a quarter of a picture, an 80th of the picture's.
_LEVELS = 3


def find_faces_closely(data: bytes, *, min_confidence: float) -> list[Found]:
    """Find faces of about an 80th of a picture's longer side and more, up to faces of which only a part is shown.

    One face can be found several times.

    `data`: the picture's bytes, upright.
    `min_confidence`: the lowest confidence that counts, above 0 and up to 1.

    Raises ModelMissingError: the model is missing. Raises UndecodableImageError: the picture cannot be decoded.
    """
    pixels = decode(data)
    size = Size(width=pixels.shape[1], height=pixels.shape[0])
    around = bordered(pixels)
    return [
        *(
            replace(face, box=_in_whole(face.box, part=part))
            for part in _parts(WHOLE, size=size, levels=_LEVELS)
            for face in find_faces(_cut(pixels, part), min_score=min_confidence).found
        ),
        *(
            replace(face, box=around.in_picture(face.box))
            for face in find_faces(around.pixels, min_score=min_confidence).found
        ),
    ]


def _parts(part: Box, *, size: Size, levels: int) -> Iterator[Box]:
    yield part
    if levels > 1:
        for closer in closer_places(part, image=size):
            yield from _parts(closer, size=size, levels=levels - 1)


def _cut(pixels: Pixels, part: Box) -> Pixels:
    height, width = pixels.shape[:2]
    return pixels[
        round(part.top * height) : round(part.bottom * height), round(part.left * width) : round(part.right * width)
    ]


def _in_whole(box: Box, *, part: Box) -> Box:
    width, height = part.right - part.left, part.bottom - part.top
    return Box(
        left=part.left + box.left * width,
        top=part.top + box.top * height,
        right=part.left + box.right * width,
        bottom=part.top + box.bottom * height,
    )
