"""What a command sees of a DICOM file's de-identification."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from tests.local.lambda_functions import create_function

from safelight_contracts.redaction.dicom_index import Entry, Place, Room, index_key, source_name
from safelight_contracts.redaction.service import MADE_FROM
from safelight_local.aws.redacting import fetch, follow, remove
from safelight_local.aws.redaction_states import Ending, Sent, State
from safelight_local.aws.redactions import Redaction, RedactionKind
from safelight_local.emulator.endpoints import Endpoints
from safelight_local.emulator.process import Emulator

SECRET = "s" * 40


@dataclass(frozen=True, kw_only=True)
class Stage:
    """A deployed de-identification, which does nothing by itself."""

    endpoints: Endpoints
    redaction: Redaction
    log_group: str

    def send(self) -> Sent:
        key = f"{uuid4().hex}.dcm"
        self.endpoints.s3.put_object(Bucket=self.redaction.source_bucket, Key=key, Body=b"scan")
        return Sent(redaction=self.redaction, path=Path("scan.dcm"), key=key, since=datetime.now(UTC))

    def follow(self, sent: Sent) -> Iterator[State]:
        return follow(self.endpoints, sent=sent)

    def enter(self, sent: Sent, entry: Entry) -> None:
        key = index_key(self.source(sent), quarantine_prefix=self.redaction.quarantine_prefix)
        body = json.dumps(entry.as_json()).encode()
        self.endpoints.s3.put_object(Bucket=self.redaction.quarantine_bucket, Key=key, Body=body)

    def write(self, bucket: str, key: str, *, source: str) -> None:
        metadata = {MADE_FROM: f"{source}/version"}
        self.endpoints.s3.put_object(Bucket=bucket, Key=key, Body=b"made", Metadata=metadata)

    def log(self, **entry: Any) -> None:
        self.endpoints.logs.put_log_events(
            logGroupName=self.log_group,
            logStreamName="stream",
            logEvents=[{"timestamp": int(datetime.now(UTC).timestamp() * 1000), "message": json.dumps(entry)}],
        )

    def source(self, sent: Sent) -> str:
        return source_name(
            sent.key,
            source_bucket=self.redaction.source_bucket,
            destination_bucket=self.redaction.destination_bucket,
            destination_prefix=self.redaction.destination_prefix,
            secret=SECRET.encode(),
        )

    def keys(self) -> list[str]:
        """What is in all buckets."""
        buckets = (self.redaction.source_bucket, self.redaction.destination_bucket, self.redaction.quarantine_bucket)
        s3 = self.endpoints.s3
        return [it["Key"] for bucket in buckets for it in s3.list_objects_v2(Bucket=bucket).get("Contents", ())]


@pytest.fixture(scope="module")
def make_stage(emulator: Emulator) -> Callable[[], Stage]:
    endpoints = emulator.endpoints

    def make() -> Stage:
        name = f"dicom-{uuid4().hex[:8]}"
        buckets = {role: f"{name}-{role}" for role in ("source", "destination", "quarantine")}
        for bucket in buckets.values():
            endpoints.s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
        function = create_function(endpoints, name=name, source="def handler(event, context): ...")
        log_group = f"/aws/lambda/{name}"
        endpoints.logs.create_log_group(logGroupName=log_group)
        endpoints.logs.create_log_stream(logGroupName=log_group, logStreamName="stream")
        secret = endpoints.secretsmanager.create_secret(Name=name, SecretString=SECRET)["ARN"]
        redaction = Redaction(
            kind=RedactionKind.DICOM,
            name="Dicom",
            stack="Test",
            source_bucket=buckets["source"],
            destination_bucket=buckets["destination"],
            quarantine_bucket=buckets["quarantine"],
            quarantine_prefix="aside/",
            key_secret=secret,
            arn=function,
        )
        return Stage(endpoints=endpoints, redaction=redaction, log_group=log_group)

    return make


@pytest.fixture
def stage(make_stage: Callable[[], Stage]) -> Stage:
    return make_stage()


def test_a_released_file_is_fetched_from_its_new_key(stage: Stage, tmp_path: Path) -> None:
    sent = stage.send()
    states = stage.follow(sent)
    assert next(states) == State()
    place = Place(room=Room.DESTINATION, key="2.25.1/2.25.2/2.25.3.dcm")
    stage.write(stage.redaction.destination_bucket, place.key, source=stage.source(sent))
    stage.enter(sent, Entry(made_from="a/b", places=[place], reason=None, uploaded=1.0))
    assert next(states).ending is Ending.REDACTED
    written = fetch(stage.endpoints, sent=sent, folder=tmp_path)
    assert (written.name, written.read_bytes()) == ("scan.redacted.dcm", b"made")


def test_a_file_that_is_put_aside_has_its_reason(stage: Stage) -> None:
    sent = stage.send()
    place = Place(room=Room.QUARANTINE, key="aside/files/a/b")
    stage.enter(sent, Entry(made_from="a/b", places=[place], reason="TEXT_LEFT", uploaded=1.0))
    *_, ended = stage.follow(sent)
    assert (ended.ending, ended.reason) == (Ending.QUARANTINED, "TEXT_LEFT")


def test_an_entry_that_changes_is_no_ending(stage: Stage) -> None:
    sent = stage.send()
    stage.enter(
        sent, Entry(made_from=None, places=[Place(room=Room.DESTINATION, key="2.25.1.dcm")], reason=None, uploaded=1.0)
    )
    assert next(stage.follow(sent)).ending is None


def test_a_file_whose_attempts_are_used_up_has_failed(stage: Stage) -> None:
    sent = stage.send()
    states = stage.follow(sent)
    stage.log(message="Failed", outcome="FAILED", source="0" * 32)
    assert next(states).ending is None
    stage.log(message="Failed", outcome="FAILED", source=stage.source(sent))
    assert next(states).ending is Ending.FAILED


def test_all_that_was_made_of_a_file_is_removed(stage: Stage) -> None:
    stage.endpoints.s3.put_bucket_versioning(
        Bucket=stage.redaction.quarantine_bucket, VersioningConfiguration={"Status": "Enabled"}
    )
    sent = stage.send()
    places = [Place(room=Room.DESTINATION, key="2.25.1.dcm"), Place(room=Room.QUARANTINE, key="aside/files/a/b")]
    for place in places:
        bucket = stage.redaction.destination_bucket if place.room is Room.DESTINATION else None
        stage.write(bucket or stage.redaction.quarantine_bucket, place.key, source=stage.source(sent))
    stage.enter(sent, Entry(made_from=None, places=places, reason=None, uploaded=1.0))
    remove(stage.endpoints, sent=sent)
    assert stage.keys() == []
    assert "Versions" not in stage.endpoints.s3.list_object_versions(Bucket=stage.redaction.quarantine_bucket)


def test_the_file_of_another_upload_at_the_same_key_stays(stage: Stage) -> None:
    sent = stage.send()
    place = Place(room=Room.DESTINATION, key="2.25.1.dcm")
    stage.write(stage.redaction.destination_bucket, place.key, source="0" * 32)
    stage.enter(sent, Entry(made_from="a/b", places=[place], reason=None, uploaded=1.0))
    remove(stage.endpoints, sent=sent)
    assert stage.keys() == ["2.25.1.dcm"]
