"""Faces that are small in a picture are found in parts of it."""

from io import BytesIO
from pathlib import Path

import pytest
import skimage.data
from PIL import Image
from tests.unit.visionkit.closeups import closeup, fills

from visionkit.closer_faces import find_faces_closely
from visionkit.faces import find_faces
from visionkit.image import decode

SIDE = 1_600


def with_a_face(*, width: int, left: int, top: int) -> bytes:
    """A grey picture with a photograph of an astronaut in it, whose face is a third of its width."""
    photo = Image.open(Path(skimage.data.__file__).parent / "astronaut.png").convert("RGB").crop((120, 0, 320, 200))
    picture = Image.new("RGB", (SIDE, SIDE), "grey")
    picture.paste(photo.resize((width, width)), (left, top))
    file = BytesIO()
    picture.save(file, "JPEG", quality=90)
    return file.getvalue()


@pytest.mark.parametrize(("left", "top"), [(30, 40), (1_300, 1_200), (750, 700)])
def test_a_small_face_is_found_where_it_is(left: int, top: int) -> None:
    width = 150
    data = with_a_face(width=width, left=left, top=top)
    assert not find_faces(decode(data), min_score=0.5).found
    centres = [
        ((face.box.left + face.box.right) / 2 * SIDE, (face.box.top + face.box.bottom) / 2 * SIDE)
        for face in find_faces_closely(data, min_confidence=0.5)
    ]
    assert centres
    assert all(left < x < left + width and top < y < top + width for x, y in centres)


@pytest.mark.parametrize("side", [80, 200, 1_200])
@pytest.mark.parametrize("shown", [0.8, 0.9, 1.0, 1.1, 1.2])
def test_a_face_that_fills_the_picture_is_found(shown: float, side: int) -> None:
    file = BytesIO()
    Image.fromarray(closeup(shown=shown, width=side, height=side)).save(file, "JPEG", quality=90)
    assert any(fills(face.box) for face in find_faces_closely(file.getvalue(), min_confidence=0.3))
