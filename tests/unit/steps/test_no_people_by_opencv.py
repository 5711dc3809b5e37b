import sys
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from botocore.exceptions import ClientError
from botocore.response import StreamingBody
from botocore.stub import Stubber
from PIL import Image
from tests.local.rekognition.photographs import cup, encoded, person
from tests.unit.workflow_events import check_event

from awskit import clients
from awskit.transient_errors import ServiceBusy
from image_workflow.no_people.handler import handler
from imagekit.sandbox.worker import WorkerFailedError
from safelight.core.models import model_folder
from safelight_contracts.detectors import Detector
from safelight_local.emulator.process import Emulator
from visionkit.sandbox import worker

Analyse = Callable[..., dict[str, Any]]


@pytest.fixture(autouse=True)
def models(monkeypatch: pytest.MonkeyPatch) -> None:
    """The layer of the models on the import path, as Lambda puts it there."""
    monkeypatch.setattr(sys, "path", [*sys.path, str(model_folder() / "python")])


@pytest.fixture
def analysis_of(emulated_aws: Emulator, uploads: str) -> Analyse:
    """Put an analysis image into a bucket and return the event of the check."""

    def put(data: bytes, **check: Any) -> dict[str, Any]:
        emulated_aws.endpoints.s3.put_object(Bucket=uploads, Key="a.jpg", Body=data)
        return check_event(**check) | {"analysis": {"bucket": uploads, "key": "a.jpg"}}

    return put


@pytest.fixture
def asks(monkeypatch: pytest.MonkeyPatch) -> Callable[[Detector], None]:
    """Set the detector of the step."""
    return lambda detector: monkeypatch.setenv("DETECTOR", detector)


# Nothing is expected of the fake Rekognition unless a test says so: being asked fails the test.
pytestmark = pytest.mark.usefixtures("fake_rekognition")


@pytest.mark.parametrize("detector", [Detector.OPENCV, Detector.OPENCV_THEN_REKOGNITION])
def test_a_person_rejects_and_rekognition_is_not_asked(
    asks: Callable[[Detector], None], analysis_of: Analyse, detector: Detector
) -> None:
    asks(detector)
    answer = handler(analysis_of(encoded(person())), None)
    assert (answer["accepted"], answer["reason"], answer["detail"]["people"], answer["detail"]["detector"]) == (
        False,
        "NO_PEOPLE_ALLOWED",
        1,
        "OPENCV",
    )


@pytest.mark.parametrize("detector", [Detector.OPENCV, Detector.OPENCV_THEN_REKOGNITION])
def test_an_image_without_people_is_accepted_without_rekognition(
    asks: Callable[[Detector], None], analysis_of: Analyse, detector: Detector
) -> None:
    asks(detector)
    answer = handler(analysis_of(encoded(cup())), None)
    assert (answer["accepted"], answer["detail"]["people"], answer["detail"]["detector"]) == (True, 0, "OPENCV")


@pytest.mark.parametrize("detector", [Detector.OPENCV, Detector.OPENCV_THEN_REKOGNITION])
def test_it_reports_where_bodies_and_faces_are(
    asks: Callable[[Detector], None], analysis_of: Analyse, detector: Detector
) -> None:
    asks(detector)
    detail = handler(analysis_of(encoded(person())), None)["detail"]
    assert {"Face"} <= {one["name"] for one in detail["boxes"]} <= {"Face", "Person"}
    assert max(one["confidence"] for one in detail["boxes"]) == detail["confidence"]
    assert all(0 <= part <= 1 for one in detail["boxes"] for part in one["box"].values())


def test_a_min_confidence_above_the_detection_accepts(asks: Callable[[Detector], None], analysis_of: Analyse) -> None:
    asks(Detector.OPENCV)
    assert handler(analysis_of(encoded(person()), minConfidence=99.9), None)["accepted"]


@pytest.mark.parametrize(("instances", "accepted"), [([], True), ([{"Confidence": 90.0}] * 2, False)])
def test_rekognition_decides_where_opencv_is_unsure(
    asks: Callable[[Detector], None],
    analysis_of: Analyse,
    fake_rekognition: Stubber,
    instances: list[dict[str, float]],
    accepted: bool,  # noqa: FBT001 - a case of the test
) -> None:
    asks(Detector.OPENCV_THEN_REKOGNITION)
    # The least confidence is above what OpenCV sees in this image, so it is not sure.
    event = analysis_of(encoded(person()), minConfidence=99.9)
    label = [{"Name": "Person", "Confidence": 99.95, "Instances": instances}] if instances else []
    image = {"S3Object": {"Bucket": event["analysis"]["bucket"], "Name": "a.jpg"}}
    fake_rekognition.add_response("detect_labels", {"Labels": label}, {"Image": image, "MinConfidence": 99.9})
    answer = handler(event, None)
    assert (answer["accepted"], answer["detail"]["people"], answer["detail"]["detector"]) == (
        accepted,
        len(instances),
        "REKOGNITION",
    )


def test_a_throttled_rekognition_raises_where_opencv_is_unsure(
    asks: Callable[[Detector], None], analysis_of: Analyse, fake_rekognition: Stubber
) -> None:
    asks(Detector.OPENCV_THEN_REKOGNITION)
    fake_rekognition.add_client_error("detect_labels", service_error_code="ThrottlingException")
    with pytest.raises(ClientError, match="ThrottlingException"):
        handler(analysis_of(encoded(person()), minConfidence=99.9), None)


@pytest.mark.parametrize("detector", [Detector.OPENCV, Detector.OPENCV_THEN_REKOGNITION])
def test_an_analysis_image_that_cannot_be_decoded_raises(
    asks: Callable[[Detector], None], analysis_of: Analyse, detector: Detector
) -> None:
    asks(detector)
    with pytest.raises(WorkerFailedError, match="UndecodableImageError"):
        handler(analysis_of(b"no image"), None)


@pytest.mark.parametrize("detector", [Detector.OPENCV, Detector.OPENCV_THEN_REKOGNITION])
def test_a_missing_model_raises(
    monkeypatch: pytest.MonkeyPatch, asks: Callable[[Detector], None], analysis_of: Analyse, detector: Detector
) -> None:
    asks(detector)
    event = analysis_of(encoded(cup()))
    monkeypatch.setattr(sys, "path", [folder for folder in sys.path if "detector_models" not in folder])
    worker.close()
    with pytest.raises(WorkerFailedError, match="ModelMissingError"):
        handler(event, None)
    worker.close()


def test_an_unknown_detector_raises(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DETECTOR", "OPENVC")
    with pytest.raises(ValueError, match="OPENVC"):
        handler(check_event(), None)


def test_each_tile_is_checked_separately(asks: Callable[[Detector], None], analysis_of: Analyse) -> None:
    asks(Detector.OPENCV)
    somebody = person().resize((640, 480))
    sheet = Image.new("RGB", (3 * 640, 3 * 480), "white")
    for place in ((0, 0), (640, 0), (1280, 960)):
        sheet.paste(somebody, place)
    event = analysis_of(encoded(sheet))
    event["analysis"]["tiles"] = {"columns": 3, "rows": 3}
    assert handler(event, None)["detail"]["people"] == 1


def test_a_truncated_analysis_image_is_read_again(asks: Callable[[Detector], None], analysis_of: Analyse) -> None:
    asks(Detector.OPENCV)
    event = analysis_of(encoded(cup()))

    def shorten(parsed: dict[str, Any], **_: object) -> None:
        part = parsed["Body"].read()[:-1]
        parsed["Body"] = StreamingBody(BytesIO(part), len(part))

    clients.s3().meta.events.register("after-call.s3.GetObject", shorten)
    with pytest.raises(ServiceBusy):
        handler(event, None)


def test_an_upload_that_is_gone_when_it_is_checked_is_withdrawn(
    asks: Callable[[Detector], None], emulated_aws: Emulator, uploads: str, upload: Analyse
) -> None:
    asks(Detector.OPENCV)
    event = upload(encoded(cup())) | {"check": {}}
    event["analysis"] = {"bucket": uploads, "key": event["image"]["key"]}
    emulated_aws.endpoints.s3.delete_object(Bucket=uploads, Key=event["image"]["key"])
    answer = handler(event, None)
    assert (answer["accepted"], answer["reason"]) == (False, "WITHDRAWN")
