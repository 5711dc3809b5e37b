from collections.abc import Callable
from typing import Any

import pytest
from tests.unit.recorded import Recorded, make_recorded
from tests.unit.workflow_events import EXECUTION

from awskit import clients
from awskit.storage import StorageBusy
from publish.handler import handler as publish
from remove_rejected.handler import handler
from safelight_local.emulator import Emulator

Upload = Callable[..., dict[str, Any]]
TILE = "incoming/p1/a.jpg/tile.jpg"
KEY = "incoming/p1/a.jpg"


@pytest.fixture
def aws(emulated_aws: Emulator, uploads: str, monkeypatch: pytest.MonkeyPatch) -> Recorded:
    made = make_recorded(emulated_aws)
    for name, variable in (("published", "PUBLISHED_BUCKET"), ("quarantine", "QUARANTINE_BUCKET")):
        bucket = uploads.replace("uploads", name)
        emulated_aws.endpoints.s3.create_bucket(Bucket=bucket)
        monkeypatch.setenv(variable, bucket)
    monkeypatch.setenv("RECORDS_TABLE", made.table)
    monkeypatch.setenv("EVENT_BUS", made.bus)
    monkeypatch.setenv("KEY_PREFIX", "incoming/")
    return made


def publish_tile(aws: Recorded, event: dict[str, Any], *, bucket: str) -> None:
    sequencer = event["image"]["sequencer"].rjust(32, "0")
    aws.emulator.endpoints.s3.put_object(Bucket=bucket, Key=TILE, Body=b"", Metadata={"sequencer": sequencer})
    rendition = {"name": "tile", "key": TILE, "type": "JPEG", "width": 40, "height": 40, "bytes": 0}
    dimensions = {"width": 160, "height": 240, "type": "JPEG"}
    answer = publish(
        event | {"version": "v5", "workflow": "images", "dimensions": dimensions, "renditions": [rendition]}, None
    )
    assert answer == {"status": "PUBLISHED"}


def keys_in(aws: Recorded, bucket: str) -> list[str]:
    return [there["Key"] for there in aws.emulator.endpoints.s3.list_objects_v2(Bucket=bucket).get("Contents", [])]


@pytest.mark.parametrize(
    ("on_reject", "kept", "quarantined"),
    [("KEEP", [KEY], []), ("QUARANTINE", [], [KEY]), ("DELETE", [], [])],
)
def test_what_a_rejected_upload_published_goes_and_the_upload_as_told(
    aws: Recorded, upload: Upload, uploads: str, on_reject: str, kept: list[str], quarantined: list[str]
) -> None:
    event = upload(b"an image", key=KEY)
    publish_tile(aws, event, bucket=uploads.replace("uploads", "published"))
    assert handler(event | {"onReject": on_reject}, None) == {"withdrawn": 1, "upload": on_reject}
    assert keys_in(aws, uploads.replace("uploads", "published")) == []
    assert aws.asset_item(KEY, place_id="p1") == {}
    assert keys_in(aws, uploads) == kept
    assert keys_in(aws, uploads.replace("uploads", "quarantine")) == quarantined


@pytest.mark.parametrize("on_reject", ["KEEP", "QUARANTINE", "DELETE"])
def test_a_second_attempt_finds_nothing_left_to_do(aws: Recorded, upload: Upload, uploads: str, on_reject: str) -> None:
    event = upload(b"an image", key=KEY)
    publish_tile(aws, event, bucket=uploads.replace("uploads", "published"))
    handler(event | {"onReject": on_reject}, None)
    left = keys_in(aws, uploads), keys_in(aws, uploads.replace("uploads", "quarantine"))
    assert handler(event | {"onReject": on_reject}, None) == {"withdrawn": 0, "upload": on_reject}
    assert (keys_in(aws, uploads), keys_in(aws, uploads.replace("uploads", "quarantine"))) == left


def test_a_function_that_was_killed_between_copy_and_deletion_ends_its_work_when_it_is_tried_again(
    aws: Recorded, upload: Upload, uploads: str, make_s3_busy: Callable[[str], None]
) -> None:
    event = upload(b"an image", key=KEY) | {"onReject": "QUARANTINE"}
    make_s3_busy("DeleteObject")
    with pytest.raises(StorageBusy):
        handler(event, None)
    assert keys_in(aws, uploads) == keys_in(aws, uploads.replace("uploads", "quarantine")) == [KEY]
    clients.s3.cache_clear()
    handler(event, None)
    assert keys_in(aws, uploads) == []
    assert keys_in(aws, uploads.replace("uploads", "quarantine")) == [KEY]


@pytest.mark.usefixtures("aws")
def test_an_upload_is_kept_without_a_look_at_the_bucket_it_is_in(
    upload: Upload, make_s3_busy: Callable[[str], None]
) -> None:
    event = upload(b"an image", key=KEY)
    for operation in ("GetObject", "HeadObject", "CopyObject", "DeleteObject"):
        make_s3_busy(operation)
    assert handler(event | {"onReject": "KEEP"}, None) == {"withdrawn": 0, "upload": "KEEP"}


def test_nothing_is_announced(aws: Recorded, upload: Upload) -> None:
    handler(upload(b"an image", key=KEY) | {"onReject": "DELETE", "execution": EXECUTION}, None)
    assert aws.events(expected=0) == []
