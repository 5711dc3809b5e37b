"""DetectFaces: real photographs, and how the detector's output is decoded."""

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from botocore.exceptions import ClientError
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from tests.local.rekognition import photographs

from safelight_local.rekognition.face_detector import GRID, INPUT_SIDE, decode_faces

if TYPE_CHECKING:
    from mypy_boto3_rekognition import RekognitionClient

SURE, UNSURE = 5.0, -5.0


def faces(client: "RekognitionClient", data: bytes, **settings: Any) -> list[Any]:
    details: list[Any] = client.detect_faces(Image={"Bytes": data}, **settings)["FaceDetails"]
    return details


def landmarks(face: Any) -> dict[str, tuple[float, float]]:
    return {each["Type"]: (each["X"], each["Y"]) for each in face["Landmarks"]}


def test_an_astronaut_has_one_face_where_it_is(rekognition: "RekognitionClient") -> None:
    (face,) = faces(rekognition, photographs.encoded(photographs.person()))
    box = face["BoundingBox"]
    assert face["Confidence"] > 80
    # Her nose is at 0.43 and 0.25 of this photograph, and her face takes up a fifth of its sides.
    assert box["Left"] < 0.43 < box["Left"] + box["Width"]
    assert box["Top"] < 0.25 < box["Top"] + box["Height"]
    assert 0.15 < box["Width"] < 0.3


def test_the_eyes_and_the_nose_are_where_a_viewer_sees_them(rekognition: "RekognitionClient") -> None:
    (face,) = faces(rekognition, photographs.encoded(photographs.person()))
    assert landmarks(face) == {
        "eyeLeft": pytest.approx((0.40, 0.20), abs=0.03),
        "eyeRight": pytest.approx((0.48, 0.20), abs=0.03),
        "nose": pytest.approx((0.43, 0.25), abs=0.03),
    }


@pytest.mark.parametrize("photograph", [photographs.cat, photographs.cup])
def test_a_photograph_without_people_has_no_face(rekognition: "RekognitionClient", photograph: Any) -> None:
    assert faces(rekognition, photographs.encoded(photograph())) == []


def test_a_face_in_a_wide_photograph_is_located_in_the_whole_image(rekognition: "RekognitionClient") -> None:
    wide = Image.new("RGB", (1024, 512), "gray")
    wide.paste(photographs.person(), (512, 0))
    (face,) = faces(rekognition, photographs.encoded(wide))
    assert landmarks(face)["nose"] == pytest.approx((0.5 + 0.43 / 2, 0.25), abs=0.03)


def test_a_face_in_a_rotated_photograph_is_found_upright(rekognition: "RekognitionClient") -> None:
    (face,) = faces(rekognition, photographs.lying_on_its_side(photographs.person()))
    assert landmarks(face)["nose"] == pytest.approx((0.43, 0.25), abs=0.03)


def test_a_face_that_fills_the_photograph_is_found(rekognition: "RekognitionClient") -> None:
    closeup = photographs.person().crop((183, 76, 259, 152)).resize((600, 600))
    (face,) = faces(rekognition, photographs.encoded(closeup))
    box = face["BoundingBox"]
    assert box["Left"] < 0.3
    assert box["Top"] < 0.35
    assert box["Left"] + box["Width"] > 0.7
    assert box["Top"] + box["Height"] > 0.7


def test_the_larger_of_two_faces_comes_first(rekognition: "RekognitionClient") -> None:
    both = Image.new("RGB", (1024, 512), "gray")
    both.paste(photographs.person().resize((384, 384)), (0, 0))
    both.paste(photographs.person(), (512, 0))
    larger, smaller = faces(rekognition, photographs.encoded(both))
    assert larger["BoundingBox"]["Left"] > 0.5 > smaller["BoundingBox"]["Left"]


@pytest.mark.parametrize("attributes", [["DEFAULT"], ["ALL"], ["AGE_RANGE", "EMOTIONS"]])
def test_unknown_attributes_of_a_face_are_absent(rekognition: "RekognitionClient", attributes: list[str]) -> None:
    (face,) = faces(rekognition, photographs.encoded(photographs.person()), Attributes=attributes)
    assert set(face) == {"BoundingBox", "Confidence", "Landmarks"}


def test_an_unknown_rekognition_attribute_is_rejected(rekognition: "RekognitionClient") -> None:
    with pytest.raises(ClientError, match=r"ValidationException.*'attributes'.*enum value set"):
        faces(rekognition, photographs.encoded(photographs.person()), Attributes=["AGE"])


def raw(*cells: tuple[int, int], score: float = SURE, size: float = 20) -> dict[str, Any]:
    """Return the detector's output for faces at these cells (across and down), each of so many pixels a side."""
    regressors, logits = np.zeros((GRID * GRID, 16), np.float32), np.full(GRID * GRID, UNSURE, np.float32)
    for across, down in cells:
        regressors[down * GRID + across, 2:4] = size
        logits[down * GRID + across] = score
    return {"regressors": regressors, "logits": logits}


def decoded(said: dict[str, Any], *, width: int, height: int) -> Any:
    return decode_faces(said["regressors"], logits=said["logits"], width=width, height=height)


@given(across=st.integers(0, GRID - 1), down=st.integers(0, GRID - 1))
def test_a_face_without_offsets_is_centred_in_its_cell(across: int, down: int) -> None:
    (face,) = decoded(raw((across, down), size=19.2), width=500, height=500)
    assert (face.nose.x, face.nose.y) == pytest.approx(((across + 0.5) / GRID, (down + 0.5) / GRID))
    assert (face.box.width, face.box.height) == pytest.approx((0.1, 0.1))
    assert (face.box.left + face.box.right) / 2 == pytest.approx(face.nose.x)


@given(width=st.integers(80, 4000), height=st.integers(80, 4000))
def test_the_margins_around_a_non_square_image_are_removed(width: int, height: int) -> None:
    (face,) = decoded(raw((GRID // 2, GRID // 2), size=INPUT_SIDE), width=width, height=height)
    side = max(width, height)
    assert (face.box.width * width, face.box.height * height) == pytest.approx((side, side))
    assert (face.nose.x - 0.5) * width == pytest.approx(0.5 / GRID * side)


def test_a_face_at_the_edge_extends_beyond_the_image_like_rekognitions() -> None:
    (face,) = decoded(raw((0, 0)), width=100, height=100)
    assert face.box.left < 0
    assert face.box.top < 0


def test_an_unlikely_face_is_ignored() -> None:
    assert decoded(raw((9, 9), score=-0.1), width=100, height=100) == []


def test_two_cells_with_the_same_face_give_one_face() -> None:
    assert len(decoded(raw((20, 20), (21, 20)), width=100, height=100)) == 1


def test_two_separate_faces_are_two() -> None:
    assert len(decoded(raw((10, 10), (30, 30)), width=100, height=100)) == 2
