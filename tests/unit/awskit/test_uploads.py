import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.workflow_events import event_for

from awskit.rejection import RejectedImage, UploadFault
from awskit.uploads import is_folder_marker, parse_started_by, parse_upload, validate_key


@given(st.text(min_size=1))
def test_a_key_is_used_unchanged(key: str) -> None:
    assert parse_upload(event_for(key)).key == key


@given(st.integers(0, 16**20), st.integers(0, 16**20))
def test_the_sequencer_of_a_later_upload_sorts_later(one: int, other: int) -> None:
    padded = [parse_upload(event_for(sequencer=f"{number:X}")).sequencer for number in (one, other)]
    assert (padded[0] < padded[1]) == (one < other)
    assert len(padded[0]) == 32


def test_an_upload_to_a_bucket_without_versions_has_none() -> None:
    assert parse_upload(event_for()).version_id is None


def test_an_upload_keeps_its_version() -> None:
    event = event_for()
    event["image"]["versionId"] = "v"
    assert parse_upload(event).version_id == "v"


def test_an_object_that_can_be_overwritten_has_no_version() -> None:
    event = event_for()
    event["image"]["versionId"] = "null"
    assert parse_upload(event).version_id is None


@pytest.mark.parametrize(("given", "redrives"), [({}, 0), ({"redrives": None}, 0), ({"redrives": 2}, 2)])
def test_redrives_are_counted(given: dict[str, int | None], redrives: int) -> None:
    assert parse_upload(event_for() | given).redrives == redrives


@pytest.mark.parametrize("version", [{}, {"version-id": "v-1"}, {"version-id": "null"}])
def test_the_event_that_started_an_execution_gives_the_upload_of_its_steps(version: dict[str, str]) -> None:
    made = {"key": "p1/a.jpg", "size": 100, "etag": "e1", "sequencer": "0A"} | version
    s3_event = {"detail": {"bucket": {"name": "uploads"}, "object": made}}
    step_event = event_for(execution="first")
    step_event["image"]["versionId"] = version.get("version-id")
    assert parse_started_by(s3_event, execution="first") == parse_upload(step_event)


@pytest.mark.parametrize(
    ("key", "size", "marker"),
    [("park/album/", 0, True), ("/", 0, True), ("park/album/", 1, False), ("park/album", 0, False)],
)
def test_a_folder_marker_is_not_an_image(key: str, size: int, marker: object) -> None:
    assert is_folder_marker(parse_upload(event_for(key, size=size))) is marker


@pytest.mark.parametrize("key", ["k" * 900, "é" * 450, "写" * 300])
def test_a_key_of_900_bytes_is_accepted(key: str) -> None:
    validate_key(parse_upload(event_for(key)))


@pytest.mark.parametrize("key", ["k" * 901, "é" * 450 + "k", "写" * 301])
def test_a_longer_key_is_rejected(key: str) -> None:
    with pytest.raises(RejectedImage) as rejection:
        validate_key(parse_upload(event_for(key)))
    assert rejection.value.reason is UploadFault.KEY_TOO_LONG


def test_the_message_of_a_rejection_is_json_that_a_workflow_can_parse() -> None:
    rejection = RejectedImage(UploadFault.SUPERSEDED, detail={"note": 'quote " and é'})
    assert json.loads(str(rejection)) == {"reason": "SUPERSEDED", "detail": {"note": 'quote " and é'}}
    assert type(rejection).__name__ == "RejectedImage"
