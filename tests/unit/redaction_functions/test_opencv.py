"""Redaction by the detector inside the function, which asks nobody."""

import sys
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest
import skimage.data
from PIL import Image, ImageChops
from tests.unit.raw_pictures import dng
from tests.unit.redaction_functions.redacting import Redacting

from safelight.core.models import model_folder
from safelight_contracts.detectors import Detector
from safelight_contracts.redaction.redact import Redact
from safelight_contracts.redaction.service import ServiceSettings


@pytest.fixture
def settings(settings: ServiceSettings) -> ServiceSettings:
    return replace(settings, redact=Redact(detector=Detector.OPENCV))


@pytest.fixture(autouse=True)
def models(monkeypatch: pytest.MonkeyPatch) -> None:
    """The layer of the models on the import path, as Lambda puts it there."""
    monkeypatch.setattr(sys, "path", [*sys.path, str(model_folder() / "python")])


def astronaut() -> bytes:
    return (Path(skimage.data.__file__).parent / "astronaut.png").read_bytes()


def test_the_face_of_an_astronaut_is_covered_and_nothing_else(redacting: Redacting) -> None:
    redacting.put(astronaut(), key="a.png")
    assert redacting.handle("a.png")
    with Image.open(BytesIO(astronaut())) as before, Image.open(BytesIO(redacting.copy("a.png")["Data"])) as after:
        changed = ImageChops.difference(before.convert("RGB"), after.convert("RGB")).getbbox()
    assert changed is not None
    left, top, right, bottom = changed
    assert left < 190 < 250 < right
    assert top < 80 < 150 < bottom
    assert right - left < 200


def test_a_model_that_is_missing_is_no_answer(redacting: Redacting, monkeypatch: pytest.MonkeyPatch) -> None:
    from visionkit import closer_sandbox

    closer_sandbox.worker.close()
    monkeypatch.setattr(sys, "path", [path for path in sys.path if path != str(model_folder() / "python")])
    redacting.put(astronaut(), key="a.png")
    assert not redacting.handle("a.png")
    assert redacting.copies() == []
    closer_sandbox.worker.close()


def test_camera_raw_is_rejected(redacting: Redacting) -> None:
    redacting.put(dng(Image.new("RGB", (64, 48), "gray")), key="a.dng")
    assert redacting.handle("a.dng")
    assert redacting.copies() == []
    ((_, detail),) = redacting.events(expected=1)
    assert (detail["reason"], detail["detail"]) == ("UNSUPPORTED_TYPE", {"type": "RAW"})
