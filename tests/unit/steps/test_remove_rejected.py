from collections.abc import Callable
from typing import Any

import pytest
from tests.unit.executing import Executing
from tests.unit.recorded import Recorded

from awskit import clients
from awskit.storage import ServiceBusy
from image_workflow.remove_rejected.handler import handler
from safelight_local.emulator.process import Emulator

Upload = Callable[..., dict[str, Any]]
KEY = "incoming/p1/a.jpg"
EACH = pytest.mark.parametrize("on_reject", ["KEEP", "QUARANTINE", "DELETE"])


@pytest.fixture(autouse=True)
def _prefix(aws: Recorded, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: ARG001 - sets the other variables
    monkeypatch.setenv("KEY_PREFIX", "incoming/")


@pytest.fixture
def quarantine(emulated_aws: Emulator, uploads: str, monkeypatch: pytest.MonkeyPatch) -> str:
    bucket = uploads.replace("uploads", "quarantine")
    emulated_aws.endpoints.s3.create_bucket(Bucket=bucket)
    monkeypatch.setenv("QUARANTINE_BUCKET", bucket)
    return bucket


def keys_in(aws: Recorded, bucket: str) -> list[str]:
    return [there["Key"] for there in aws.emulator.endpoints.s3.list_objects_v2(Bucket=bucket).get("Contents", [])]


def published_and_rejected(executing: Executing, event: dict[str, Any]) -> dict[str, Any]:
    """Publish an upload, then have a reprocess reject it."""
    executing.run(event, version="v5")
    again = event | {"execution": event["execution"] + "-again"}
    assert executing.claim(again, reprocess=True)
    executing.reject(again)
    return again


@pytest.mark.parametrize(
    ("on_reject", "kept", "quarantined"),
    [("KEEP", [KEY], []), ("QUARANTINE", [], [KEY]), ("DELETE", [], [])],
)
def test_renditions_of_a_rejected_upload_are_removed_and_on_reject_applies(
    aws: Recorded,
    executing: Executing,
    versioned_upload: Upload,
    uploads: str,
    quarantine: str,
    on_reject: str,
    kept: list[str],
    quarantined: list[str],
) -> None:
    event = versioned_upload(b"an image", key=KEY)
    again = published_and_rejected(executing, event)
    assert handler(again | {"onReject": on_reject}, None) == {
        "removed": executing.written_by(event),
        "upload": on_reject,
    }
    assert aws.keys() == []
    assert aws.asset_item(KEY, place_id="p1") == {}
    assert keys_in(aws, uploads) == kept
    assert keys_in(aws, quarantine) == quarantined


@EACH
def test_a_second_attempt_returns_the_same_answer(
    aws: Recorded, executing: Executing, versioned_upload: Upload, uploads: str, quarantine: str, on_reject: str
) -> None:
    event = versioned_upload(b"an image", key=KEY)
    again = published_and_rejected(executing, event) | {"onReject": on_reject}
    first = handler(again, None)
    left = keys_in(aws, uploads), keys_in(aws, quarantine)
    assert handler(again, None) == first
    assert (keys_in(aws, uploads), keys_in(aws, quarantine)) == left


@EACH
@pytest.mark.parametrize("version", [{}, {"versionId": "null"}])
def test_an_upload_without_a_version_is_kept(
    aws: Recorded, upload: Upload, uploads: str, quarantine: str, on_reject: str, version: dict[str, str]
) -> None:
    event = upload(b"an image", key=KEY)
    event["image"] |= version
    assert handler(event | {"onReject": on_reject}, None) == {"removed": [], "upload": "KEEP"}
    assert keys_in(aws, uploads) == [KEY]
    assert keys_in(aws, quarantine) == []


def test_a_newer_upload_is_neither_quarantined_nor_deleted(
    aws: Recorded, executing: Executing, versioned_upload: Upload, uploads: str, quarantine: str
) -> None:
    rejected = versioned_upload(b"rejected", key=KEY)
    executing.reject(rejected)
    versioned_upload(b"a newer one", key=KEY, sequencer="0B")
    handler(rejected | {"onReject": "QUARANTINE"}, None)
    there = aws.emulator.endpoints.s3.get_object(Bucket=uploads, Key=KEY)
    assert there["Body"].read() == b"a newer one"
    assert keys_in(aws, quarantine) == [KEY]


def test_a_retry_finishes_a_move_that_was_killed_between_copy_and_deletion(
    aws: Recorded,
    executing: Executing,
    versioned_upload: Upload,
    uploads: str,
    quarantine: str,
    make_s3_busy: Callable[[str], None],
) -> None:
    event = versioned_upload(b"an image", key=KEY) | {"onReject": "QUARANTINE"}
    executing.reject(event)
    make_s3_busy("DeleteObject")
    with pytest.raises(ServiceBusy):
        handler(event, None)
    assert keys_in(aws, uploads) == keys_in(aws, quarantine) == [KEY]
    clients.s3.cache_clear()
    handler(event, None)
    assert keys_in(aws, uploads) == []
    assert keys_in(aws, quarantine) == [KEY]


@EACH
def test_an_upload_published_since_its_rejection_is_left_alone(
    aws: Recorded, executing: Executing, versioned_upload: Upload, uploads: str, quarantine: str, on_reject: str
) -> None:
    event = versioned_upload(b"an image", key=KEY)
    rejected = published_and_rejected(executing, event)
    published = event | {"execution": event["execution"] + "-published"}
    assert executing.claim(published, reprocess=True)
    executing.render(published)
    executing.publish(published, version="v5")
    asset = aws.asset_item(KEY, place_id="p1")
    assert handler(rejected | {"onReject": on_reject}, None) == {"removed": [], "upload": "KEEP"}
    assert aws.asset_item(KEY, place_id="p1") == asset
    assert executing.keys_of(published) == executing.written_by(published)
    assert (keys_in(aws, uploads), keys_in(aws, quarantine)) == ([KEY], [])


def test_an_upload_is_kept_without_a_request_to_its_bucket(
    versioned_upload: Upload, make_s3_busy: Callable[[str], None]
) -> None:
    event = versioned_upload(b"an image", key=KEY)
    for operation in ("GetObject", "HeadObject", "CopyObject", "DeleteObject"):
        make_s3_busy(operation)
    assert handler(event | {"onReject": "KEEP"}, None) == {"removed": [], "upload": "KEEP"}


def test_nothing_is_announced(aws: Recorded, versioned_upload: Upload) -> None:
    handler(versioned_upload(b"an image", key=KEY) | {"onReject": "DELETE"}, None)
    assert aws.events(expected=0) == []
