"""The redacted copy of an upload follows the upload, and nothing unredacted is ever written."""

from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from typing import Any

import pytest
from PIL import Image
from tests.unit.redaction_functions.redacting import FACE, INSIDE, OUTSIDE, Redacting, contrast, striped

from awskit import clients
from safelight_contracts.redaction.service import ServiceSettings, settings_to_environment


def before_the_copy_is_written(redacting: Redacting, do: Callable[[], object]) -> None:
    """Do something once, after a copy was made and before it is written."""
    waiting = [do]

    def act(params: dict[str, Any], **_: object) -> None:
        if params["Bucket"] == redacting.destination and waiting:
            waiting.pop()()

    clients.s3().meta.events.register("provide-client-params.s3.PutObject", act)


def test_faces_are_covered_in_the_copy(redacting: Redacting) -> None:
    redacting.put(striped())
    redacting.sees(FACE)
    assert redacting.handle()
    copy = redacting.copy()
    assert contrast(copy["Data"], of=INSIDE) < 30
    assert contrast(copy["Data"], of=OUTSIDE) > 200
    assert copy["ContentType"] == "image/jpeg"


def test_the_outcome_is_announced(redacting: Redacting) -> None:
    redacting.put(striped())
    redacting.sees(FACE)
    redacting.handle()
    ((name, detail),) = redacting.events(expected=1)
    assert name == "Image Redacted"
    assert detail["redaction"] == "Faces"
    assert (detail["bucket"], detail["key"], detail["boxes"]) == (redacting.source, "a.jpg", {"FACE": 1})
    copy = {"bucket": redacting.destination, "key": "a.jpg", "contentType": "image/jpeg"}
    assert copy.items() <= detail["destination"].items()


def test_an_image_without_faces_is_copied(redacting: Redacting) -> None:
    redacting.put(striped())
    redacting.sees()
    assert redacting.handle()
    ((_, detail),) = redacting.events(expected=1)
    assert detail["boxes"] == {}
    assert contrast(redacting.copy()["Data"], of=INSIDE) > 200


def test_a_copy_has_no_metadata_of_the_upload(redacting: Redacting) -> None:
    exif = Image.Exif()
    exif[0x010E] = "a secret"
    redacting.put(striped(exif=exif), Metadata={"owner": "a-name"}, ContentType="text/html")
    redacting.sees()
    redacting.handle()
    copy = redacting.copy()
    assert b"a secret" not in copy["Data"]
    assert copy["ContentType"] == "image/jpeg"
    assert set(copy["Metadata"]) == {"safelight-redacted-from", "safelight-redacted"}


def test_a_second_event_of_an_upload_writes_nothing(redacting: Redacting) -> None:
    redacting.put(striped())
    redacting.sees()
    redacting.handle()
    written = redacting.copy()["LastModified"]
    assert redacting.handle()
    assert redacting.copy()["LastModified"] == written


def test_a_replaced_upload_gets_another_copy(redacting: Redacting) -> None:
    for width in (0, 1):
        redacting.put(striped(quality=90 + width))
        redacting.sees(*[FACE] * width)
        assert redacting.handle()
    assert contrast(redacting.copy()["Data"], of=INSIDE) < 30


def test_the_copy_of_a_deleted_upload_is_deleted(redacting: Redacting) -> None:
    redacting.put(striped())
    redacting.sees()
    redacting.handle()
    redacting.delete()
    assert redacting.handle()
    assert redacting.copies() == []


def test_the_event_of_an_upload_that_is_gone_writes_nothing(redacting: Redacting) -> None:
    assert redacting.handle()
    assert redacting.copies() == []


def test_what_no_redaction_wrote_is_not_deleted(redacting: Redacting) -> None:
    redacting.s3.put_object(Bucket=redacting.destination, Key="a.jpg", Body=b"mine")
    assert redacting.handle()
    assert redacting.copies() == ["a.jpg"]


def test_an_upload_that_is_replaced_while_it_is_redacted_is_redacted_again(redacting: Redacting) -> None:
    redacting.put(striped())
    redacting.sees()
    redacting.sees(FACE)
    before_the_copy_is_written(redacting, lambda: redacting.put(striped(quality=90)))
    assert redacting.handle()
    assert contrast(redacting.copy()["Data"], of=INSIDE) < 30


def test_an_upload_that_is_deleted_while_it_is_redacted_leaves_no_copy(redacting: Redacting) -> None:
    redacting.put(striped())
    redacting.sees()
    before_the_copy_is_written(redacting, redacting.delete)
    assert redacting.handle()
    assert redacting.copies() == []


def test_a_copy_that_somebody_wrote_in_the_meantime_is_not_overwritten_unseen(redacting: Redacting) -> None:
    redacting.put(striped())
    redacting.sees(FACE)
    before_the_copy_is_written(
        redacting,
        lambda: redacting.s3.put_object(Bucket=redacting.destination, Key="a.jpg", Body=b"another"),
    )
    assert redacting.handle()
    assert contrast(redacting.copy()["Data"], of=INSIDE) < 30


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("ThrottlingException", 400),
        ("ProvisionedThroughputExceededException", 400),
        ("InternalServerError", 500),
        ("AccessDeniedException", 400),
        ("InvalidImageFormatException", 400),
    ],
)
def test_without_an_answer_of_the_detector_nothing_is_written(redacting: Redacting, code: str, status: int) -> None:
    redacting.put(striped())
    redacting.rekognition.add_client_error("detect_faces", code, http_status_code=status)
    assert not redacting.handle()
    assert redacting.copies() == []


@pytest.mark.parametrize("answer", [{}, {"FaceDetails": [{}]}, {"FaceDetails": [{"BoundingBox": {"Left": 0.1}}]}])
def test_a_malformed_answer_of_the_detector_writes_nothing(redacting: Redacting, answer: dict[str, Any]) -> None:
    redacting.put(striped())
    redacting.rekognition.add_response("detect_faces", answer)
    assert not redacting.handle()
    assert redacting.copies() == []


def test_the_copy_of_the_earlier_upload_stays_while_a_newer_one_cannot_be_searched(redacting: Redacting) -> None:
    redacting.put(striped())
    redacting.sees(FACE)
    redacting.handle()
    before = redacting.copy()["ETag"]
    redacting.put(striped(quality=90))
    redacting.rekognition.add_client_error("detect_faces", "ThrottlingException", http_status_code=400)
    assert not redacting.handle()
    assert redacting.copy()["ETag"] == before


def animated() -> bytes:
    file = BytesIO()
    frames = [Image.new("RGB", (100, 100), color) for color in ("red", "blue")]
    frames[0].save(file, "GIF", save_all=True, append_images=frames[1:])
    return file.getvalue()


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"not an image", "UNREADABLE_IMAGE"),
        (b"", "UNREADABLE_IMAGE"),
        (animated(), "UNSUPPORTED_TYPE"),
        (striped()[:-400], "UNREADABLE_IMAGE"),
    ],
    ids=["text", "empty", "animation", "truncated"],
)
def test_what_cannot_be_redacted_is_rejected_with_a_reason(redacting: Redacting, data: bytes, reason: str) -> None:
    redacting.put(data)
    assert redacting.handle()
    assert redacting.copies() == []
    ((name, detail),) = redacting.events(expected=1)
    assert (name, detail["status"], detail["reason"]) == ("Image Rejected", "REJECTED", reason)
    assert detail["destination"] is None


def test_the_copy_of_the_earlier_upload_stays_when_a_newer_one_is_rejected(redacting: Redacting) -> None:
    redacting.put(striped())
    redacting.sees(FACE)
    redacting.handle()
    redacting.put(b"not an image")
    redacting.handle()
    assert contrast(redacting.copy()["Data"], of=INSIDE) < 30


def test_a_redacted_copy_is_not_redacted_again(redacting: Redacting) -> None:
    redacting.put(striped(), Metadata={"safelight-redacted-from": "0" * 32})
    assert redacting.handle()
    ((_, detail),) = redacting.events(expected=1)
    assert detail["reason"] == "OWN_RENDITION"


def test_the_marker_of_a_folder_has_no_outcome(redacting: Redacting) -> None:
    redacting.put(b"", key="folder/")
    assert redacting.handle("folder/")
    assert redacting.events(expected=0) == []


@pytest.mark.parametrize(
    ("image_type", "content_type"),
    [
        ("PNG", "image/png"),
        ("WEBP", "image/webp"),
        ("TIFF", "image/tiff"),
        ("BMP", "image/png"),
        ("JPEG2000", "image/jpeg"),
    ],
)
def test_the_key_is_kept_and_the_content_type_is_what_was_written(
    redacting: Redacting, image_type: str, content_type: str
) -> None:
    redacting.put(striped(image_type), key="a.file")
    redacting.sees(FACE)
    assert redacting.handle("a.file")
    copy = redacting.copy("a.file")
    assert copy["ContentType"] == content_type
    with Image.open(BytesIO(copy["Data"])) as picture:
        assert Image.MIME[str(picture.format)] == content_type


def test_when_the_attempts_are_used_up_the_failure_is_announced_and_the_event_fails_a_last_time(
    redacting: Redacting,
) -> None:
    redacting.put(striped())
    assert not redacting.handle(attempt=4)
    assert redacting.copies() == []
    ((name, detail),) = redacting.events(expected=1)
    assert (name, detail["status"], detail["key"]) == ("Image Failed", "FAILED", "a.jpg")
    assert detail["detail"] == {"attempts": 3}


def test_a_key_that_is_too_long_for_its_copy_is_rejected(
    redacting: Redacting, settings: ServiceSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in settings_to_environment(replace(settings, destination_prefix="copies/")).items():
        monkeypatch.setenv(name, value)
    key = "a" * 1_020
    redacting.put(striped(), key=key)
    assert redacting.handle(key)
    ((_, detail),) = redacting.events(expected=1)
    assert detail["reason"] == "KEY_TOO_LONG"
