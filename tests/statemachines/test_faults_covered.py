"""What the fault laboratory takes for a rendition that shows what its route covers."""

import io
from collections.abc import Mapping, Sequence

import pytest
from PIL import Image
from tools.fault_lab.covered import FACE, PLATE, shows_what_is_covered, striped_picture


def with_fills(*boxes: Mapping[str, float], side: int) -> bytes:
    """A rendition in which boxes are filled."""
    with Image.open(io.BytesIO(striped_picture())) as picture:
        picture.load()
    for box in boxes:
        left, top = round(box["Left"] * picture.width), round(box["Top"] * picture.height)
        size = round(box["Width"] * picture.width), round(box["Height"] * picture.height)
        picture.paste("gray", (left, top, left + size[0], top + size[1]))
    encoded = io.BytesIO()
    picture.resize((side, side)).save(encoded, "JPEG")
    return encoded.getvalue()


@pytest.mark.parametrize("boxes", [(), (FACE,), (PLATE,)], ids=["nothing", "the face", "the plate"])
def test_a_rendition_that_lacks_a_cover_is_found(boxes: Sequence[Mapping[str, float]]) -> None:
    assert shows_what_is_covered(with_fills(*boxes, side=720))


@pytest.mark.parametrize("side", [200, 480, 720])
def test_a_covered_rendition_is_not_found(side: int) -> None:
    assert not shows_what_is_covered(with_fills(FACE, PLATE, side=side))
