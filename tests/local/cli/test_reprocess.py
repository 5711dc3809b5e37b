import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.local.command_line import deployed, safelight
from tests.local.emulator_clients import RuleQueue, client, wait_until

from safelight_local.aws.deployment import DeployedWorkflow, deployed_workflows
from safelight_local.aws.executions import Execution, describe, execution_statuses
from safelight_local.aws.reprocess import Run, Selection, follow_run, parse_since, reprocessor, select, start_run
from safelight_local.emulator.endpoints import Endpoints
from safelight_local.errors import UserError

APP = """
from pathlib import Path
from aws_cdk import App, RemovalPolicy, Stack
from safelight import ImageWorkflow
from safelight.image_workflow.reprocess import Reprocess
app = App()
stack = Stack(app, "Mine")
made = {"definition": Path("TINY"), "key_prefix": "incoming/", "removal_policy": RemovalPolicy.DESTROY}
photos = ImageWorkflow(stack, "Photos", **made)
Reprocess(stack, "Again", workflow=photos, max_concurrency=4, removal_policy=RemovalPolicy.DESTROY)
ImageWorkflow(stack, "Scans", **made)
app.synth()
"""
TINY = Path(__file__).with_name("tiny.asl.json")
PATIENCE = 600.0
# How long the event of an upload may come, in the definition of the reprocess: with nothing, every event has come.
EVENTS_HAVE_COME = ("< 90000000", "< 0")
UPLOADS = "all-uploads"
UPLOADED = {"source": ["aws.s3"], "detail-type": ["Object Created"]}


@dataclass(frozen=True, kw_only=True)
class Stage:
    """A workflow that decides by an upload's key, with a reprocess, and one without."""

    project: Path
    aws: Endpoints
    photos: DeployedWorkflow
    scans: DeployedWorkflow
    uploads: RuleQueue
    """Gets the event of each upload after the workflow does."""

    def upload(self, *keys: str, **how: Any) -> dict[str, dict[str, Any]]:
        """Put an object under each key and wait until the upload's own execution has ended; its event's object."""
        etags = {key: self._put(key, **how)["ETag"].strip('"') for key in keys}
        deadline = time.monotonic() + PATIENCE
        while True:
            found = {
                run.upload["key"]: run.upload
                for run in self.executions()
                if run.status != "RUNNING" and run.upload.get("etag") == etags.get(run.upload.get("key", ""))
            }
            if found.keys() == etags.keys():
                return found
            assert time.monotonic() < deadline, f"no execution of {etags.keys() - found.keys()}"
            time.sleep(0.1)

    def _put(self, key: str, **how: Any) -> Any:
        content = {"Body": f"{key} {time.time()}".encode()} | how
        return self.aws.s3.put_object(Bucket=self.photos.upload_bucket, Key=key, **content)

    def upload_unheard(self, key: str, **how: Any) -> None:
        """Put an object that starts nothing, like one with a late event or one from before the workflow."""
        events = client(self.aws, "events")
        rules = [rule["Name"] for rule in events.list_rules()["Rules"] if rule["Name"] != UPLOADS]
        for rule in rules:
            events.disable_rule(Name=rule)
        version = self._put(key, **how)["VersionId"]
        # The event can come after the answer to the upload.
        self.uploads.take_until(lambda taken: any(version == it["detail"]["object"]["version-id"] for it in taken))
        for rule in rules:
            events.enable_rule(Name=rule)

    @contextmanager
    def redefined(self, *replacements: tuple[str, str]) -> Iterator[None]:
        """Change the definition of the reprocess temporarily."""
        arn = reprocessor(self.aws, workflow=self.photos)
        before = self.aws.stepfunctions.describe_state_machine(stateMachineArn=arn)["definition"]
        after = before
        for old, new in replacements:
            assert old in after
            after = after.replace(old, new)
        self.aws.stepfunctions.update_state_machine(stateMachineArn=arn, definition=after)
        try:
            yield
        finally:
            self.aws.stepfunctions.update_state_machine(stateMachineArn=arn, definition=before)

    def newer_machine(self) -> str:
        """Create a state machine now, and return its ARN."""
        definition = '{"StartAt": "Done", "States": {"Done": {"Type": "Succeed"}}}'
        role = self.aws.stepfunctions.describe_state_machine(stateMachineArn=self.photos.state_machine_arn)["roleArn"]
        arn: str = self.aws.stepfunctions.create_state_machine(name="newer", definition=definition, roleArn=role)[
            "stateMachineArn"
        ]
        return arn

    def executions(self) -> list[Execution]:
        arns = execution_statuses(self.aws, state_machine_arn=self.photos.state_machine_arn)
        return [found for arn in arns if (found := describe(self.aws, arn=arn))]

    def reprocess(self, prefix: str, *, since: datetime | None = None, concurrency: int | None = None) -> Run:
        chosen = select(workflow=self.photos, prefix=prefix, since=since)
        run = start_run(self.aws, workflow=self.photos, selection=chosen, concurrency=concurrency)
        return follow_run(self.aws, workflow=self.photos, run=run, changed=lambda _: None)

    def processed_by(self, run: Run) -> list[Execution]:
        """The executions of the workflow that a run has started."""
        return [it for it in self.executions() if it.event["detail"].get("reprocess", {}).get("id") == run.name]

    def records(self, key: str) -> list[dict[str, Any]]:
        found: Any = self.aws.dynamodb.query(
            TableName=self.photos.records_table,
            KeyConditionExpression="pk = :pk",
            ExpressionAttributeValues={":pk": {"S": f"IMAGE#{self.photos.workflow_id}#{key}"}},
        )
        return list(found["Items"])


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    project = tmp_path_factory.mktemp("project")
    with deployed(project, app=APP.replace("TINY", str(TINY))) as aws:
        photos, scans = deployed_workflows(aws)
        # The emulator tries rules in the order in which they were made.
        uploads = RuleQueue(aws, UPLOADS, rule={"EventPattern": json.dumps(UPLOADED)})
        yield Stage(project=project, aws=aws, photos=photos, scans=scans, uploads=uploads)


def test_every_upload_under_the_prefix_is_reprocessed_with_its_original_event(stage: Stage) -> None:
    first = stage.upload("incoming/same/one.jpg", "incoming/same/café + crème 100%.jpg")
    stage.upload("incoming/other/two.jpg")
    run = stage.reprocess("incoming/same/")
    again = {it.upload["key"]: it for it in stage.processed_by(run)}
    assert again.keys() == first.keys()
    for key, was in first.items():
        assert again[key].event["detail"]["bucket"] == {"name": stage.photos.upload_bucket}
        assert again[key].upload == {
            **{name: was[name] for name in ("key", "size", "etag", "version-id")},
            "sequencer": was["sequencer"].rjust(32, "0"),
        }
        assert len(stage.records(key)) == 1
    assert run.outcomes == {"PUBLISHED": 2}


def test_an_empty_prefix_takes_every_upload(stage: Stage) -> None:
    keys = stage.upload("incoming/every/one.jpg").keys()
    everything = Selection(prefix="", since=None)
    run = start_run(stage.aws, workflow=stage.photos, selection=everything, concurrency=None)
    follow_run(stage.aws, workflow=stage.photos, run=run, changed=lambda _: None)
    assert keys <= {it.upload["key"] for it in stage.processed_by(run)}


def test_a_run_passes_its_id_and_start_time_to_the_workflow(stage: Stage) -> None:
    stage.upload("incoming/told/one.jpg")
    run = stage.reprocess("incoming/told/")
    (again,) = stage.processed_by(run)
    began = stage.aws.stepfunctions.describe_execution(executionArn=run.arn)["startDate"]
    told = again.event["detail"]["reprocess"]
    assert told["id"] == run.name
    assert abs(datetime.fromisoformat(told["at"]) - began) < timedelta(seconds=1)


def test_outcomes_are_counted_and_one_that_fails_stops_no_other(stage: Stage) -> None:
    stage.upload("incoming/mixed/a.jpg", "incoming/mixed/b.jpg", "incoming/mixed/rude.jpg", "incoming/mixed/broken.jpg")
    # What breaks in this workflow leaves no record.
    with stage.redefined(EVENTS_HAVE_COME):
        run = stage.reprocess("incoming/mixed/")
    assert run.status == "SUCCEEDED"
    assert run.outcomes == {"FAILED": 1, "PUBLISHED": 2, "REJECTED": 1}
    output = json.loads(stage.aws.stepfunctions.describe_execution(executionArn=run.arn)["output"])
    assert output == {"outcomes": {"FAILED": 1, "PUBLISHED": 2, "REJECTED": 1}}


def test_unprocessed_uploads_sort_before_processed_ones(stage: Stage) -> None:
    stage.upload_unheard("incoming/before/old.jpg")
    with stage.redefined(EVENTS_HAVE_COME):
        run = stage.reprocess("incoming/before/")
    (again,) = stage.processed_by(run)
    assert again.upload["sequencer"] == "0"
    assert "version-id" in again.upload


def test_an_unprocessed_upload_does_not_replace_the_previous_one(stage: Stage) -> None:
    stage.upload("incoming/newer/one.jpg")
    (record,) = stage.records("incoming/newer/one.jpg")
    record["createdAt"] = {"S": "2020-01-01T00:00:00.000Z"}
    stage.aws.dynamodb.put_item(TableName=stage.photos.records_table, Item=record)
    with stage.redefined(EVENTS_HAVE_COME):
        (again,) = stage.processed_by(stage.reprocess("incoming/newer/"))
    assert again.upload["sequencer"] == "0"


def test_an_upload_from_before_the_workflow_is_processed(stage: Stage) -> None:
    stage.upload_unheard("incoming/older/one.jpg")
    newer = stage.newer_machine()
    asked = f'"StateMachineArn": "{stage.photos.state_machine_arn}"'
    # Uploads of the minutes before the workflow count as later ones otherwise.
    with stage.redefined((asked, f'"StateMachineArn": "{newer}"'), ("- 300000", "")):
        run = stage.reprocess("incoming/older/")
    assert run.outcomes == {"PUBLISHED": 1}


def test_an_upload_whose_own_event_may_still_come_is_left_to_it(stage: Stage) -> None:
    stage.upload_unheard("incoming/pending/one.jpg")
    run = stage.reprocess("incoming/pending/")
    assert run.outcomes == {"PENDING": 1}
    assert stage.processed_by(run) == []
    assert stage.records("incoming/pending/one.jpg") == []


@pytest.mark.parametrize("body", [b"the same image", None], ids=["same bytes", "other bytes"])
def test_the_record_of_a_late_older_upload_is_not_confused_with_a_newer_one(stage: Stage, body: bytes | None) -> None:
    key = f"incoming/late/{'same' if body else 'other'}.jpg"
    how = {"Body": body} if body else {}
    stage.upload(key, **how)
    (record,) = stage.records(key)
    record["createdAt"] = {"S": (datetime.now(UTC) + timedelta(hours=1)).isoformat()}
    stage.aws.dynamodb.put_item(TableName=stage.photos.records_table, Item=record)
    stage.upload_unheard(key, **how)
    run = stage.reprocess(key)
    assert run.outcomes == {"PENDING": 1}
    assert stage.processed_by(run) == []


def test_an_upload_in_progress_is_left_to_its_execution(stage: Stage) -> None:
    stage.upload("incoming/working/one.jpg")
    (record,) = stage.records("incoming/working/one.jpg")
    record["status"] = {"S": "PROCESSING"}
    stage.aws.dynamodb.put_item(TableName=stage.photos.records_table, Item=record)
    run = stage.reprocess("incoming/working/")
    assert run.outcomes == {"PROCESSING": 1}
    assert stage.processed_by(run) == []
    assert stage.records("incoming/working/one.jpg") == [record]


@pytest.mark.parametrize("storage_class", ["GLACIER", "DEEP_ARCHIVE"])
def test_an_archived_upload_is_counted_and_its_record_stays(stage: Stage, storage_class: str) -> None:
    key = f"incoming/archived/{storage_class}.jpg"
    stage.upload(key, StorageClass=storage_class)
    before = stage.records(key)
    run = stage.reprocess(key)
    assert run.outcomes == {"ARCHIVED": 1}
    assert stage.processed_by(run) == []
    assert stage.records(key) == before


def test_an_archived_upload_that_was_restored_is_processed(stage: Stage) -> None:
    key = "incoming/restored/one.jpg"
    stage.upload(key, StorageClass="GLACIER")
    bucket = stage.photos.upload_bucket
    stage.aws.s3.restore_object(Bucket=bucket, Key=key, RestoreRequest={"Days": 1})
    wait_until(lambda: "false" in stage.aws.s3.head_object(Bucket=bucket, Key=key)["Restore"])
    assert stage.reprocess(key).outcomes == {"PUBLISHED": 1}


def test_a_folder_marker_is_not_an_upload(stage: Stage) -> None:
    stage.upload_unheard("incoming/folder/", Body=b"")
    stage.upload("incoming/folder/one.jpg")
    run = stage.reprocess("incoming/folder/")
    assert run.outcomes == {"PUBLISHED": 1}
    assert [it.upload["key"] for it in stage.processed_by(run)] == ["incoming/folder/one.jpg"]
    assert stage.records("incoming/folder/") == []


def test_only_uploads_stored_since_are_reprocessed(stage: Stage) -> None:
    stage.upload("incoming/since/one.jpg")
    assert stage.processed_by(stage.reprocess("incoming/since/", since=datetime.now(UTC) + timedelta(days=1))) == []
    run = stage.reprocess("incoming/since/", since=datetime.now(UTC) - timedelta(days=1))
    assert run.outcomes == {"PUBLISHED": 1}


@pytest.mark.parametrize(("asked", "most"), [(2, 2), (50, 4), (None, 4)], ids=["fewer", "more", "left out"])
def test_concurrency_stays_within_the_request_and_the_limit_of_the_app(
    stage: Stage, asked: int | None, most: int
) -> None:
    prefix = f"incoming/slow-{asked}/"
    stage.upload(*(f"{prefix}{number}.jpg" for number in range(6)))
    ran = stage.processed_by(stage.reprocess(prefix, concurrency=asked))
    assert len(ran) == 6
    under_way = [sum(other.started <= one.started < (other.stopped or one.started) for other in ran) for one in ran]
    assert max(under_way) <= most


def test_a_run_without_uploads_has_no_outcomes(stage: Stage) -> None:
    assert stage.reprocess("incoming/none/").outcomes == {}


def test_the_command_prints_the_number_of_each_outcome(stage: Stage) -> None:
    stage.upload("incoming/cli/a.jpg", "incoming/cli/rude.jpg")
    done = safelight(stage.project, "reprocess", "--prefix", "incoming/cli/", "--workflow", "Photos")
    assert done.returncode == 0, done
    assert done.stdout.splitlines()[-1] == "1 PUBLISHED, 1 REJECTED"


def test_the_command_says_why_it_skipped_uploads(stage: Stage) -> None:
    stage.upload_unheard("incoming/left/a.jpg")
    stage.upload("incoming/left/b.jpg", StorageClass="GLACIER")
    done = safelight(stage.project, "reprocess", "--prefix", "incoming/left/", "--workflow", "Photos")
    assert done.returncode == 0, done
    counts, archived, pending = done.stdout.splitlines()[-3:]
    assert counts == "1 ARCHIVED, 1 PENDING"
    assert archived.startswith("ARCHIVED: ")
    assert pending.startswith("PENDING: ")
    assert "25 hours" in pending


def test_the_exit_code_reports_a_failure(stage: Stage) -> None:
    stage.upload("incoming/bad/broken.jpg")
    with stage.redefined(EVENTS_HAVE_COME):
        done = safelight(stage.project, "reprocess", "--prefix", "incoming/bad/", "--workflow", "Photos")
    assert (done.returncode, done.stdout.splitlines()[-2]) == (1, "1 FAILED"), done


def test_the_command_names_each_failed_upload_and_its_cause(stage: Stage) -> None:
    stage.upload("incoming/causes/broken b.jpg", "incoming/causes/broken a.jpg", "incoming/causes/fine.jpg")
    with stage.redefined(EVENTS_HAVE_COME):
        done = safelight(stage.project, "reprocess", "--prefix", "incoming/causes/", "--workflow", "Photos")
    assert done.stdout.splitlines()[-3:] == [
        "2 FAILED, 1 PUBLISHED",
        "FAILED: incoming/causes/broken a.jpg: Broken: The key says so.",
        "FAILED: incoming/causes/broken b.jpg: Broken: The key says so.",
    ], done


def test_an_upload_that_fails_before_the_workflow_starts_is_named_with_its_cause(stage: Stage) -> None:
    stage.upload("incoming/unread/one.jpg")
    with stage.redefined(('"Bucket": "{% $states.input.bucket %}"', '"Bucket": "{% $error(\'no bucket\') %}"')):
        done = safelight(stage.project, "reprocess", "--prefix", "incoming/unread/", "--workflow", "Photos")
    assert done.stdout.splitlines()[-2] == "1 FAILED", done
    assert done.stdout.splitlines()[-1].startswith("FAILED: incoming/unread/one.jpg: States."), done


def test_a_dry_run_counts_and_starts_nothing(stage: Stage) -> None:
    stage.upload("incoming/dry/a.jpg", "incoming/dry/b.jpg")
    stage.upload_unheard("incoming/dry/", Body=b"")
    stage.upload_unheard("incoming/dry/archived.jpg", StorageClass="GLACIER")
    before = len(stage.executions())
    done = safelight(stage.project, "reprocess", "--prefix", "incoming/dry/", "--workflow", "Photos", "--dry-run")
    assert "2 uploads" in done.stdout, done
    assert "1 archived" in done.stdout, done
    none = safelight(stage.project, "reprocess", "--since", "2999-01-01", "--workflow", "Photos", "--dry-run")
    assert "0 uploads" in none.stdout, none
    assert len(stage.executions()) == before


def test_a_prefix_outside_of_the_workflow_s_prefix_is_reported(stage: Stage) -> None:
    with pytest.raises(UserError, match="--prefix elsewhere/ is outside of incoming/"):
        select(workflow=stage.photos, prefix="elsewhere/", since=None)


def test_a_workflow_without_a_reprocess_is_reported(stage: Stage) -> None:
    chosen = select(workflow=stage.scans, prefix=None, since=None)
    with pytest.raises(UserError, match="the app has no Reprocess of Scans"):
        start_run(stage.aws, workflow=stage.scans, selection=chosen, concurrency=None)


def test_a_date_is_the_beginning_of_its_day_in_utc() -> None:
    assert parse_since("2026-01-31") == datetime(2026, 1, 31, tzinfo=UTC)
    assert parse_since("2026-01-31T12:00:00+01:00") == datetime(2026, 1, 31, 11, tzinfo=UTC)


@pytest.mark.parametrize("arguments", [["--since", "soon"], ["--concurrency", "0"]])
def test_a_meaningless_argument_is_rejected(tmp_path: Path, arguments: list[str]) -> None:
    done = safelight(tmp_path, "reprocess", *arguments)
    assert done.returncode == 2
    assert arguments[1] in done.stderr
