from collections.abc import Callable
from typing import Any

import pytest
from tests.unit.pictures import encoded, four_corners, heic, photograph
from tests.unit.raw_pictures import dng
from tests.unit.workflow_events import event_for

from image_workflow.check_dimensions.handler import handler
from safelight_local.emulator.process import Emulator

Upload = Callable[..., dict[str, Any]]


@pytest.fixture(autouse=True)
def _settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MIN_PIXELS", "100")
    monkeypatch.setenv("ALLOWED_TYPES", "JPEG")
    monkeypatch.setenv("MAX_BYTES", "200000")
    monkeypatch.setenv("MAX_PIXELS", "1000000")


def test_a_large_jpeg_is_accepted_with_its_dimensions(upload: Upload) -> None:
    assert handler(upload(photograph(width=240, height=160)), None) == {
        "accepted": True,
        "reason": None,
        "detail": {},
        "dimensions": {"width": 240, "height": 160, "type": "JPEG"},
    }


def test_only_the_start_of_a_photograph_is_read(upload: Upload, reads: list[str | None]) -> None:
    assert handler(upload(photograph(width=240, height=160) + bytes(150_000)), None)["accepted"]
    assert reads == ["bytes=0-65535"]


def test_dimensions_are_those_displayed(upload: Upload) -> None:
    answer = handler(upload(photograph(width=160, height=240, orientation=6)), None)
    assert answer["dimensions"] == {"width": 160, "height": 240, "type": "JPEG"}


@pytest.mark.parametrize(("width", "height"), [(99, 300), (300, 99)])
def test_an_image_with_one_side_too_short_is_too_small(upload: Upload, width: int, height: int) -> None:
    answer = handler(upload(photograph(width=width, height=height)), None)
    assert (answer["accepted"], answer["reason"]) == (False, "IMAGE_TOO_SMALL")
    assert answer["detail"] == {"width": width, "height": height, "minPixels": 100}
    assert answer["dimensions"] == {"width": width, "height": height, "type": "JPEG"}


def test_an_image_of_exactly_the_minimum_size_is_accepted(upload: Upload) -> None:
    assert handler(upload(photograph(width=100, height=100)), None)["accepted"]


def test_another_type_is_unsupported_even_if_it_is_too_small(upload: Upload) -> None:
    answer = handler(upload(encoded(four_corners(20, 20), "PNG"), key="p1/named.jpg"), None)
    assert answer["reason"] == "UNSUPPORTED_TYPE"
    assert answer["detail"] == {"type": "PNG", "allowedTypes": ["JPEG"]}


@pytest.mark.parametrize(
    ("data", "image_type"), [(heic("orientation_1"), "HEIC"), (dng(four_corners(240, 160)), "RAW")]
)
def test_disallowed_heic_and_camera_raw_are_unsupported(upload: Upload, data: bytes, image_type: str) -> None:
    answer = handler(upload(data), None)
    assert (answer["reason"], answer["detail"]["type"]) == ("UNSUPPORTED_TYPE", image_type)


def test_several_types_can_be_allowed(upload: Upload, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALLOWED_TYPES", "JPEG,PNG")
    assert handler(upload(encoded(four_corners(200, 200), "PNG")), None)["accepted"]


@pytest.mark.parametrize("data", [b"a text file", b"", b"\xff\xd8\xff\xe0\x00\x10JFIF"])
def test_a_file_that_is_not_an_image_is_unreadable(upload: Upload, data: bytes) -> None:
    answer = handler(upload(data), None)
    assert answer["reason"] == "UNREADABLE_IMAGE"
    assert answer["dimensions"] is None


def test_a_file_with_too_many_bytes_is_too_large_and_not_read() -> None:
    answer = handler(event_for(size=200_001, bucket="does-not-exist"), None)
    assert answer["reason"] == "IMAGE_TOO_LARGE"


def test_an_image_with_too_many_pixels_is_too_large(upload: Upload) -> None:
    answer = handler(upload(encoded(four_corners(1001, 1000), "JPEG")), None)
    assert answer["reason"] == "IMAGE_TOO_LARGE"
    assert answer["detail"] == {"width": 1001, "height": 1000, "type": "JPEG", "maxPixels": 1_000_000}


def test_a_key_that_is_too_long_is_rejected() -> None:
    assert handler(event_for("p1/" + "é" * 449), None)["reason"] == "KEY_TOO_LONG"


@pytest.mark.parametrize(
    "key", ["p1/a.b.jpg", "p1/q/r.jpg", "p1/a b.jpg", "p1/a+b.jpg", "p1/a%20b.jpg", "p1/写真 é.jpg", "a.jpg"]
)
def test_a_key_is_read_unchanged(upload: Upload, key: str) -> None:
    assert handler(upload(photograph(width=240, height=160), key=key), None)["accepted"]


def test_an_upload_that_was_replaced_meanwhile_is_superseded(upload: Upload) -> None:
    older = upload(photograph(width=240, height=160))
    upload(photograph(width=250, height=160))
    assert handler(older, None)["reason"] == "SUPERSEDED"


def test_in_a_bucket_with_versions_the_version_of_the_event_is_read(emulated_aws: Emulator, uploads: str) -> None:
    s3 = emulated_aws.endpoints.s3
    s3.put_bucket_versioning(Bucket=uploads, VersioningConfiguration={"Status": "Enabled"})
    data = photograph(width=240, height=160)
    older = s3.put_object(Bucket=uploads, Key="p1/a.jpg", Body=data)
    s3.put_object(Bucket=uploads, Key="p1/a.jpg", Body=b"something else")
    event = event_for(size=len(data), etag=older["ETag"].strip('"'), bucket=uploads)
    event["image"]["versionId"] = older["VersionId"]
    assert handler(event, None)["dimensions"] == {"width": 240, "height": 160, "type": "JPEG"}


def test_an_upload_that_is_gone_is_withdrawn(upload: Upload, emulated_aws: Emulator) -> None:
    event = upload(photograph(width=240, height=160))
    emulated_aws.endpoints.s3.delete_object(Bucket=event["image"]["bucket"], Key="p1/a.jpg")
    answer = handler(event, None)
    assert (answer["accepted"], answer["reason"]) == (False, "WITHDRAWN")
