import pytest
from tests.unit.child_python import run_python
from tests.unit.imagekit.operations.making import read
from tests.unit.imagekit.redaction.redacting import face
from tests.unit.robustness import hostile
from tests.unit.robustness.samples import SAMPLES

from imagekit.decoding.limits import inspect
from imagekit.geometry import WHOLE, Box
from imagekit.redaction.detection_pictures import detection_pictures
from imagekit.redaction.make import redact_image
from imagekit.redaction.redacted import RedactedImage
from imagekit.rejection import ImageFault, ImageRejected
from imagekit.sandbox.redaction import opened_in_sandbox
from safelight_contracts.limits import Limits
from safelight_contracts.redaction.redact import Redact

FACES = [face(0.1, 0.1, 0.4, 0.4), face(0.6, 0.7, 0.2, 0.5)]
TYPES = ["JPEG", "PNG", "lossy WEBP", "TIFF", "AVIF", "HEIC", "RAW"]


def redacted(data: bytes) -> RedactedImage:
    limits = Limits()
    with opened_in_sandbox(data, header=inspect(data, limits=limits), limits=limits) as image:
        return image.redact(boxes=FACES, redact=Redact())


@pytest.mark.parametrize("name", TYPES)
def test_the_worker_makes_the_same_file_as_this_process(name: str) -> None:
    source = read(SAMPLES[name])
    assert redacted(source.data) == redact_image(source, boxes=FACES, redact=Redact())


@pytest.mark.parametrize("name", TYPES)
def test_the_worker_shows_a_detector_the_same_pictures_as_this_process(name: str) -> None:
    source = read(SAMPLES[name])
    places = [WHOLE, Box(left=0.5, top=0, right=1, bottom=0.5)]
    with opened_in_sandbox(source.data, header=source.header, limits=Limits()) as image:
        shown = image.show(places)
    expected = detection_pictures(source, places=places)
    assert [(places.index(one.place), one.data) for one in shown] == expected


def test_what_is_redacted_after_it_was_shown_is_what_is_redacted_alone() -> None:
    source = read(SAMPLES["JPEG"])
    with opened_in_sandbox(source.data, header=source.header, limits=Limits()) as image:
        first = image.show([WHOLE])
        made = image.redact(boxes=FACES, redact=Redact())
        again = image.show([WHOLE])
    assert made == redact_image(source, boxes=FACES, redact=Redact())
    assert again == first


@pytest.mark.parametrize("data", [SAMPLES["JPEG"][:-300], hostile.avif_coded_larger_than_it_says()])
def test_a_damaged_file_is_rejected_and_the_next_one_is_redacted(data: bytes) -> None:
    source = read(SAMPLES["PNG"])
    with pytest.raises(ImageRejected):
        redacted(data)
    assert redacted(source.data).width == source.header.width


def test_an_animation_is_rejected_by_name() -> None:
    source = read(SAMPLES["animated GIF"])
    with pytest.raises(ImageRejected) as rejected:
        redacted(source.data)
    assert rejected.value.reason is ImageFault.UNSUPPORTED_TYPE
    assert rejected.value.detail["frames"] == 2


def test_a_function_imports_no_decoder() -> None:
    check = "import sys, imagekit.sandbox.redaction; print(sorted({'pyvips', 'PIL', 'numpy'} & set(sys.modules)))"
    assert run_python(check) == "[]"


def test_the_worker_needs_no_numpy() -> None:
    check = "import sys, imagekit.sandbox.redaction_tasks; print('numpy' in sys.modules)"
    assert run_python(check) == "False"
