from typing import Any

import pytest

from safelight_contracts.detectors import Detector
from safelight_contracts.redaction.redact import Redact, redact_from_json, redact_to_json
from safelight_contracts.redaction.styles import Style


def test_faces_are_filled_by_default() -> None:
    assert Redact() == Redact(
        faces=True, text=False, plates=False, style=Style.FILL, padding=0.15, detector=Detector.REKOGNITION
    )


@pytest.mark.parametrize(
    "redact",
    [
        Redact(),
        Redact(text=True, plates=True, style=Style.BLUR, padding=0.3),
        Redact(style=Style.PIXELATE, detector=Detector.OPENCV, padding=0),
        Redact(faces=False, plates=True, padding=1),
    ],
)
def test_what_is_redacted_comes_back_from_json_unchanged(redact: Redact) -> None:
    assert redact_from_json(redact_to_json(redact)) == redact


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"faces": False}, "faces, text and plates are all False"),
        ({"faces": False, "text": True, "style": Style.BLUR}, "style=Style.BLUR is for faces, and faces=False"),
        ({"faces": False, "plates": True, "style": Style.PIXELATE}, "Text and plates are always filled, because few"),
        ({"padding": 1.1}, "padding=1.1 is a part of the box's side and must be 0 to 1"),
        ({"padding": -0.1}, "padding=-0.1"),
        ({"padding": float("nan")}, "padding=nan"),
        ({"detector": Detector.OPENCV_THEN_REKOGNITION}, "Use Detector.REKOGNITION or Detector.OPENCV"),
        ({"detector": Detector.OPENCV, "text": True}, "Detector.OPENCV finds faces only"),
        ({"detector": Detector.OPENCV, "plates": True}, "Detector.OPENCV finds faces only"),
    ],
)
def test_a_contradiction_is_an_error_that_names_the_way_out(values: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=r"^Redact: ") as error:
        Redact(**values)
    assert message in str(error.value)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"style": "blur"}, "Redact: style is 'blur', a str. Pass a Style: Style.BLUR."),
        ({"faces": 1}, "Redact: faces is 1, an int. Pass a bool."),
        ({"padding": "0.2"}, "Redact: padding is '0.2', a str. Pass a float."),
        ({"plate": True}, "Redact: there is no argument plate. Did you mean plates?"),
    ],
)
def test_a_wrong_type_is_an_error_that_says_what_to_pass(values: dict[str, Any], message: str) -> None:
    with pytest.raises(TypeError) as error:
        Redact(**values)
    assert str(error.value) == message
