from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber
from PIL import Image, ImageChops
from tests.unit.pictures import encoded, four_corners, photograph
from tests.unit.profiles import inverting
from tests.unit.steps.conftest import BY_BYTES, Shown, by_reference
from tests.unit.workflow_events import event_for

from awskit import clients
from image_workflow.moderate.handler import handler
from safelight_local.emulator.process import Emulator

Upload = Callable[..., dict[str, Any]]


@pytest.fixture
def upload(versioned_upload: Upload) -> Upload:
    return versioned_upload


JPEG = photograph(width=240, height=160)


def answers(fake: Stubber, *, to: Shown, labels: int = 0) -> None:
    found = [
        {"Name": f"label {number}", "Confidence": 50 + number / 3, "ParentName": "", "TaxonomyLevel": 1}
        for number in range(labels)
    ]
    fake.add_response(
        "detect_moderation_labels",
        {"ModerationLabels": found, "ModerationModelVersion": "7.0"},
        expected_params={"Image": to},
    )


def refuses(fake: Stubber, code: str, *, to: Shown) -> None:
    fake.add_client_error("detect_moderation_labels", service_error_code=code, expected_params={"Image": to})


def test_an_image_without_labels_is_accepted(upload: Upload, fake_rekognition: Stubber) -> None:
    event = upload(JPEG)
    answers(fake_rekognition, to=by_reference(event))
    assert handler(event, None) == {"accepted": True, "reason": None, "detail": {"labels": []}}


def test_any_label_rejects(upload: Upload, fake_rekognition: Stubber) -> None:
    event = upload(JPEG)
    answers(fake_rekognition, to=by_reference(event), labels=2)
    answer = handler(event, None)
    assert (answer["accepted"], answer["reason"]) == (False, "FAILED_MODERATION")
    assert answer["detail"]["labels"] == [
        {"name": "label 1", "confidence": 50.3},
        {"name": "label 0", "confidence": 50},
    ]


def test_at_most_the_20_most_confident_labels_are_returned(upload: Upload, fake_rekognition: Stubber) -> None:
    event = upload(JPEG)
    answers(fake_rekognition, to=by_reference(event), labels=60)
    labels = handler(event, None)["detail"]["labels"]
    assert len(labels) == 20
    assert labels[0]["name"] == "label 59"


def test_the_min_confidence_is_passed_on(
    upload: Upload, fake_rekognition: Stubber, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MIN_CONFIDENCE", "72.5")
    event = upload(JPEG)
    fake_rekognition.add_response(
        "detect_moderation_labels",
        {"ModerationLabels": []},
        expected_params={"Image": by_reference(event), "MinConfidence": 72.5},
    )
    assert handler(event, None)["accepted"]


def test_an_upload_without_a_version_is_shown_as_the_bytes_that_were_read(
    upload: Upload, fake_rekognition: Stubber
) -> None:
    event = upload(JPEG)
    del event["image"]["versionId"]
    answers(fake_rekognition, to=BY_BYTES)
    assert handler(event, None)["accepted"]


@pytest.mark.parametrize(
    "data",
    [
        encoded(four_corners(240, 160), "WEBP"),
        encoded(four_corners(240, 160), "GIF"),
        encoded(four_corners(240, 160), "PNG"),
        photograph(width=240, height=160, orientation=6, image_type="PNG"),
        encoded(four_corners(120, 79), "JPEG"),
        encoded(Image.new("L", (10_001, 4000)), "JPEG"),
        encoded(four_corners(301, 100), "JPEG"),
        JPEG + bytes(15_728_640),
        encoded(ImageChops.invert(four_corners(240, 160)), "JPEG", icc_profile=inverting()),
        encoded(four_corners(240, 160).convert("CMYK"), "JPEG"),
    ],
    ids=[
        "WEBP",
        "GIF",
        "PNG",
        "sideways PNG",
        "too short a side",
        "too long a side",
        "longer than 3:1",
        "too many bytes",
        "a negative with an inverting profile",
        "inks",
    ],
)
def test_uploads_that_cannot_be_referenced_are_sent_as_analysis_images(
    upload: Upload, fake_rekognition: Stubber, data: bytes
) -> None:
    answers(fake_rekognition, to=BY_BYTES)
    assert handler(upload(data), None)["accepted"]


@pytest.mark.parametrize("code", ["InvalidImageFormatException", "ImageTooLargeException"])
def test_uploads_refused_by_reference_are_sent_as_analysis_images(
    upload: Upload, fake_rekognition: Stubber, code: str
) -> None:
    event = upload(JPEG)
    refuses(fake_rekognition, code, to=by_reference(event))
    answers(fake_rekognition, to=BY_BYTES)
    assert handler(event, None)["accepted"]


def test_an_image_that_rekognition_rejects_twice_is_unreadable(upload: Upload, fake_rekognition: Stubber) -> None:
    event = upload(JPEG)
    refuses(fake_rekognition, "InvalidImageFormatException", to=by_reference(event))
    refuses(fake_rekognition, "InvalidImageFormatException", to=BY_BYTES)
    assert handler(event, None)["reason"] == "UNREADABLE_IMAGE"


@pytest.mark.parametrize("code", ["ThrottlingException", "AccessDeniedException", "InvalidS3ObjectException"])
def test_other_faults_than_the_images_are_errors(upload: Upload, fake_rekognition: Stubber, code: str) -> None:
    event = upload(JPEG)
    refuses(fake_rekognition, code, to=by_reference(event))
    with pytest.raises(ClientError, match=code):
        handler(event, None)


@pytest.mark.usefixtures("fake_rekognition")
@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"a text file", "UNREADABLE_IMAGE"),
        (b"", "UNREADABLE_IMAGE"),
        (encoded(four_corners(240, 160), "WEBP")[:200], "UNREADABLE_IMAGE"),
    ],
)
def test_a_bad_image_is_rejected_before_rekognition_is_asked(upload: Upload, data: bytes, reason: str) -> None:
    assert handler(upload(data), None)["reason"] == reason


@pytest.mark.usefixtures("fake_rekognition")
def test_a_file_with_too_many_bytes_is_rejected_before_rekognition_is_asked() -> None:
    assert handler(event_for(size=104_857_601), None)["reason"] == "IMAGE_TOO_LARGE"


@pytest.mark.usefixtures("fake_rekognition")
def test_a_key_that_is_too_long_is_rejected_before_rekognition_is_asked() -> None:
    assert handler(event_for("k" * 901), None)["reason"] == "KEY_TOO_LONG"


@pytest.mark.usefixtures("fake_rekognition")
@pytest.mark.parametrize("image_type", ["JPEG", "PNG", "TIFF"])
def test_an_image_longer_than_16_to_1_is_rejected_before_rekognition_is_asked(upload: Upload, image_type: str) -> None:
    answer = handler(upload(encoded(four_corners(1700, 100), image_type)), None)
    assert (answer["accepted"], answer["reason"]) == (False, "IMAGE_TOO_LARGE")
    assert answer["detail"] == {"width": 1700, "height": 100, "aspectRatio": 17, "maxAspectRatio": 16}


def test_an_upload_that_rekognition_cannot_read_because_it_is_gone_is_withdrawn(
    upload: Upload, fake_rekognition: Stubber, emulated_aws: Emulator
) -> None:
    event = upload(JPEG)
    refuses(fake_rekognition, "InvalidS3ObjectException", to=by_reference(event))
    image = event["image"]
    delete = emulated_aws.endpoints.s3.delete_object

    def deleted_meanwhile(**_: object) -> None:
        delete(Bucket=image["bucket"], Key=image["key"], VersionId=image["versionId"])

    clients.rekognition().meta.events.register("before-parameter-build.rekognition", deleted_meanwhile)
    answer = handler(event, None)
    assert (answer["accepted"], answer["reason"]) == (False, "WITHDRAWN")
