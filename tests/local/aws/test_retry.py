import json
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from tests.local.command_line import deployed, safelight
from tests.local.recorded_uploads import put_record, read_record_item

from safelight_contracts.records import Status
from safelight_local.aws.deployment import DeployedWorkflow, choose_workflow, deployed_workflows
from safelight_local.aws.executions import Execution
from safelight_local.aws.retry import OutcomeIsFinal, follow_execution, start_again
from safelight_local.aws.uploads import Progress
from safelight_local.emulator.endpoints import Endpoints
from safelight_local.errors import UserError
from safelight_local.samples import write_samples

APP = """
from aws_cdk import App, RemovalPolicy, Stack
from safelight import ImageWorkflow, WorkflowVersion
app = App()
ImageWorkflow(
    Stack(app, "Mine"), "Photos", version=WorkflowVersion.V1, key_prefix="incoming/",
    removal_policy=RemovalPolicy.DESTROY,
)
app.synth()
"""
NEVER_ENDING = {"StartAt": "Wait", "States": {"Wait": {"Type": "Wait", "Seconds": 86400, "End": True}}}
PATIENCE = 600.0


@dataclass(frozen=True, kw_only=True)
class Stage:
    """A workflow that uploads do not start, so that each test sets the state of an upload."""

    project: Path
    aws: Endpoints
    workflow: DeployedWorkflow
    photograph: Path
    never_ending: str

    def client(self, service: str) -> Any:
        make: Any = self.aws.session.client
        return make(service, **self.aws.client_settings)

    def upload(self, key: str) -> dict[str, Any]:
        """Put the photograph and return its S3 event."""
        put = self.aws.s3.put_object(Bucket=self.workflow.upload_bucket, Key=key, Body=self.photograph.read_bytes())
        return {
            "source": "aws.s3",
            "detail-type": "Object Created",
            "id": str(uuid.uuid4()),
            "detail": {
                "bucket": {"name": self.workflow.upload_bucket},
                "object": {
                    "key": key,
                    "size": self.photograph.stat().st_size,
                    "etag": put["ETag"].strip('"'),
                    "version-id": put["VersionId"],
                    "sequencer": f"00{uuid.uuid1().time:016X}",
                },
            },
        }

    def under_way(self, event: dict[str, Any]) -> str:
        """Start an execution that does not end by itself."""
        started = self.aws.stepfunctions.start_execution(stateMachineArn=self.never_ending, input=json.dumps(event))
        return started["executionArn"]

    def ended(self, event: dict[str, Any]) -> str:
        execution = self.under_way(event)
        self.aws.stepfunctions.stop_execution(executionArn=execution)
        return execution

    def record(
        self, event: dict[str, Any], *, status: str, execution: str, at: datetime | None = None, **more: str
    ) -> None:
        upload = event["detail"]["object"]
        put_record(
            self.aws, workflow=self.workflow, upload=upload, status=Status(status), execution=execution, at=at, **more
        )

    def item(self, event: dict[str, Any]) -> dict[str, Any]:
        return read_record_item(self.aws, workflow=self.workflow, upload=event["detail"]["object"])

    def start_again(self, key: str, *, version_id: str | None = None) -> Execution:
        return start_again(self.aws, workflow=self.workflow, key=key, version_id=version_id)

    def retry(self, key: str, *, version_id: str | None = None) -> Progress:
        """Start again and wait for the end."""
        started = self.start_again(key, version_id=version_id)
        return follow_execution(
            self.aws, workflow=self.workflow, execution=started, seconds=PATIENCE, changed=lambda _: None
        )


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    project = tmp_path_factory.mktemp("project")
    with deployed(project, app=APP) as aws:
        workflow = choose_workflow(deployed_workflows(aws))
        never_ending = aws.stepfunctions.create_state_machine(
            name="NeverEnding",
            definition=json.dumps(NEVER_ENDING),
            publish=True,
            roleArn=aws.stepfunctions.describe_state_machine(stateMachineArn=workflow.state_machine_arn)["roleArn"],
        )["stateMachineArn"]
        aws.stepfunctions.create_state_machine_alias(
            name="live", routingConfiguration=[{"stateMachineVersionArn": f"{never_ending}:1", "weight": 100}]
        )
        made = Stage(
            project=project,
            aws=aws,
            workflow=workflow,
            photograph=write_samples(tmp_path_factory.mktemp("samples")).landscape,
            never_ending=never_ending,
        )
        events = made.client("events")
        for rule in events.list_rules()["Rules"]:
            events.disable_rule(Name=rule["Name"])
        yield made


def test_a_failed_upload_is_published_by_the_same_event(stage: Stage) -> None:
    event = stage.upload("incoming/park/failed.jpg")
    stage.record(event, status="FAILED", execution=stage.ended(event))
    progress = stage.retry("incoming/park/failed.jpg")
    assert progress.record is not None
    assert progress.record.status == "PUBLISHED"
    assert progress.execution is not None
    assert progress.execution.event == event
    assert progress.execution.name.startswith("retry-")


def test_the_newest_upload_of_a_key_is_retried_and_the_others_are_left(stage: Stage) -> None:
    first, second = stage.upload("incoming/park/twice.jpg"), stage.upload("incoming/park/twice.jpg")
    for event in (first, second):
        stage.record(event, status="FAILED", execution=stage.ended(event))
    stage.retry("incoming/park/twice.jpg")
    assert stage.item(second)["status"] == {"S": "PUBLISHED"}
    assert stage.item(first)["status"] == {"S": "FAILED"}


def test_a_given_version_is_retried_even_if_it_is_not_the_newest(stage: Stage) -> None:
    first, second = stage.upload("incoming/park/named.jpg"), stage.upload("incoming/park/named.jpg")
    for event in (first, second):
        stage.record(event, status="FAILED", execution=stage.ended(event))
    stage.retry("incoming/park/named.jpg", version_id=first["detail"]["object"]["version-id"])
    assert stage.item(first)["status"] == {"S": "PUBLISHED"}
    assert stage.item(second)["status"] == {"S": "FAILED"}


@pytest.mark.parametrize("status", ["PUBLISHED", "REJECTED"])
def test_an_upload_with_a_final_outcome_starts_nothing(stage: Stage, status: str) -> None:
    key = f"incoming/park/{status}.jpg"
    event = stage.upload(key)
    stage.record(event, status=status, execution=stage.ended(event))
    done = safelight(stage.project, "retry", key)
    assert done.returncode == 1, done
    assert f"{key} is {status}, and that outcome is final: upload the image again" in done.stdout
    assert stage.item(event)["status"] == {"S": status}


def test_the_reason_of_a_rejection_is_named(stage: Stage) -> None:
    event = stage.upload("incoming/park/rejected.jpg")
    stage.record(event, status="REJECTED", execution=stage.ended(event), reason="NO_PEOPLE_ALLOWED")
    with pytest.raises(OutcomeIsFinal, match=r"is REJECTED \(NO_PEOPLE_ALLOWED\), and that outcome is final"):
        stage.start_again("incoming/park/rejected.jpg")


def test_an_upload_that_was_withdrawn_stays_withdrawn(stage: Stage) -> None:
    key = "incoming/park/withdrawn.jpg"
    event = stage.upload(key)
    stage.record(event, status="WITHDRAWN", execution=stage.ended(event))
    done = safelight(stage.project, "retry", key)
    assert done.returncode == 1, done
    assert f"{key} is WITHDRAWN: it was deleted from the upload bucket" in done.stdout
    assert stage.item(event)["status"] == {"S": "WITHDRAWN"}


def test_an_upload_that_is_being_processed_is_left_alone(stage: Stage) -> None:
    event = stage.upload("incoming/park/running.jpg")
    stage.record(event, status="PROCESSING", execution=stage.under_way(event))
    with pytest.raises(OutcomeIsFinal, match="is being processed"):
        stage.start_again("incoming/park/running.jpg")
    assert stage.item(event)["status"] == {"S": "PROCESSING"}


def test_a_record_that_a_stopped_execution_left_open_is_failed_before_the_retry(stage: Stage) -> None:
    event = stage.upload("incoming/park/stopped.jpg")
    stage.record(event, status="PROCESSING", execution=stage.ended(event))
    idle = replace(stage.workflow, state_machine_arn=stage.never_ending)
    start_again(stage.aws, workflow=idle, key="incoming/park/stopped.jpg")
    item = stage.item(event)
    assert item["status"] == {"S": "FAILED"}
    assert json.loads(item["detail"]["S"])["name"] == "ABORTED"
    assert "claimedBy" not in item


def test_an_upload_whose_execution_was_stopped_is_published(stage: Stage) -> None:
    event = stage.upload("incoming/park/resumed.jpg")
    stage.record(event, status="PROCESSING", execution=stage.ended(event))
    progress = stage.retry("incoming/park/resumed.jpg")
    assert progress.record is not None
    assert progress.record.status == "PUBLISHED"


def test_the_event_of_a_forgotten_execution_is_rebuilt_from_the_object_and_the_record(stage: Stage) -> None:
    event = stage.upload("incoming/park/forgotten.jpg")
    stage.record(event, status="FAILED", execution=f"{stage.never_ending.replace('stateMachine', 'execution')}:gone")
    progress = stage.retry("incoming/park/forgotten.jpg")
    assert progress.execution is not None
    rebuilt, sent = progress.execution.upload, event["detail"]["object"]
    assert {name: rebuilt[name] for name in ("key", "size", "etag", "version-id")} == {
        name: sent[name] for name in ("key", "size", "etag", "version-id")
    }
    assert rebuilt["sequencer"] == sent["sequencer"].rjust(32, "0")
    assert stage.item(event)["status"] == {"S": "PUBLISHED"}


def test_a_forgotten_event_is_not_rebuilt_from_a_later_object(stage: Stage) -> None:
    event = stage.upload("incoming/park/later.jpg")
    gone = f"{stage.never_ending.replace('stateMachine', 'execution')}:gone"
    event["detail"]["object"]["version-id"] = "null"
    stage.record(event, status="FAILED", execution=gone, at=datetime(2020, 1, 1, tzinfo=UTC))
    with pytest.raises(UserError, match="was overwritten after the upload that is recorded"):
        stage.start_again("incoming/park/later.jpg")


def test_a_key_or_version_without_a_record_is_reported(stage: Stage) -> None:
    with pytest.raises(UserError, match=r"no upload of incoming/park/none.jpg is recorded"):
        stage.start_again("incoming/park/none.jpg")
    event = stage.upload("incoming/park/one.jpg")
    stage.record(event, status="FAILED", execution=stage.ended(event))
    with pytest.raises(UserError, match="no upload of"):
        stage.start_again(
            "incoming/park/one.jpg", version_id=stage.upload("incoming/park/one.jpg")["detail"]["object"]["version-id"]
        )


def test_the_command_waits_and_prints_a_row(stage: Stage) -> None:
    event = stage.upload("incoming/park/row.jpg")
    stage.record(event, status="FAILED", execution=stage.ended(event))
    done = safelight(stage.project, "retry", "incoming/park/row.jpg")
    assert done.returncode == 0, done
    row = next(line for line in done.stdout.splitlines() if line.startswith("incoming/park/row.jpg"))
    assert "PUBLISHED" in row
    assert "tile 400x400" in row


def test_a_failed_retry_has_a_row_and_an_exit_code(stage: Stage) -> None:
    event = stage.upload("incoming/park/broken.jpg")
    stage.record(event, status="FAILED", execution=stage.ended(event))
    iam = stage.client("iam")
    (role,) = (r["RoleName"] for r in iam.list_roles()["Roles"] if "ResizerRole" in r["RoleName"])
    policies = {
        name: iam.get_role_policy(RoleName=role, PolicyName=name)
        for name in iam.list_role_policies(RoleName=role)["PolicyNames"]
    }
    for name in policies:
        iam.delete_role_policy(RoleName=role, PolicyName=name)
    try:
        done = safelight(stage.project, "retry", "incoming/park/broken.jpg")
    finally:
        for name, policy in policies.items():
            iam.put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=json.dumps(policy["PolicyDocument"]))
    assert done.returncode == 1, done
    assert "FAILED" in done.stdout
    again = stage.retry("incoming/park/broken.jpg")
    assert again.record is not None
    assert again.record.status == "PUBLISHED"
