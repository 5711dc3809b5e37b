"""A box covers its place in the written file: at each edge, and whatever the orientation."""

import numpy as np
import pytest
from PIL import Image
from tests.unit.imagekit.operations.making import noise, read
from tests.unit.imagekit.redaction.redacting import Pixels, face
from tests.unit.pictures import ORIENTATIONS, corners_of, decoded, encoded, four_corners, heic

from imagekit.redaction.make import redact_image
from safelight_contracts.redaction.boxes import Box
from safelight_contracts.redaction.redact import Redact

# An odd size: the last column and the last row have colours of their own in 4:2:0.
WIDTH, HEIGHT = 101, 67
EDGES = {
    "left": (face(-0.2, 0.3, 0.4, 0.4), np.s_[24:44, :16]),
    "top": (face(0.3, -0.2, 0.4, 0.4), np.s_[:12, 32:68]),
    "right": (face(0.8, 0.3, 0.4, 0.4), np.s_[24:44, 84:]),
    "bottom": (face(0.3, 0.8, 0.4, 0.4), np.s_[56:, 32:68]),
    "last column alone": (face(1 - 1 / WIDTH, 0, 1 / WIDTH, 1), np.s_[:, -2:]),
    "last row alone": (face(0, 1 - 1 / HEIGHT, 1, 1 / HEIGHT), np.s_[-2:, :]),
    "an empty box in the corner": (face(1, 1, 0, 0), np.s_[-2:, -2:]),
}


def redacted(data: bytes, box: Box) -> Pixels:
    made = redact_image(read(data), boxes=[box], redact=Redact())
    return np.asarray(decoded(made.data).convert("RGB"))


@pytest.mark.parametrize("edge", EDGES)
@pytest.mark.parametrize(
    ("image_type", "options"),
    [("PNG", {}), ("JPEG", {"quality": 95, "subsampling": "4:2:0"}), ("WEBP", {"quality": 95})],
)
def test_a_box_at_an_edge_is_flat_to_the_last_pixel(image_type: str, options: dict[str, object], edge: str) -> None:
    box, place = EDGES[edge]
    made = redacted(encoded(Image.fromarray(noise(WIDTH, HEIGHT)), image_type, **options), box)
    assert made.shape == (HEIGHT, WIDTH, 3)
    # What lossy compression adds to a flat colour beside noise.
    assert np.ptp(made[place].astype(int).mean(axis=2)) <= (0 if image_type == "PNG" else 40)


@pytest.mark.parametrize("orientation", ORIENTATIONS)
def test_a_box_of_a_heic_is_upright_whatever_the_orientation(orientation: int) -> None:
    made = redacted(heic(f"orientation_{orientation}"), face(0, 0, 0.5, 0.5))
    shown, bare = corners_of(Image.fromarray(made)), corners_of(four_corners(240, 160))
    assert made.shape == (160, 240, 3)
    assert shown.pop("top left") != bare.pop("top left")
    assert shown == bare
