"""Workflows deployed once a test module, with permissions enforced, and what tests do with them."""

import json
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeVar

import botocore.awsrequest
import botocore.httpsession
import pytest
from boto3.dynamodb.types import TypeDeserializer

from safelight_local.aws.deployment import DeployedWorkflow, deployed_workflows
from safelight_local.aws.history import read_history
from safelight_local.aws.records import seed_place
from safelight_local.emulator.apps import STALL_SECONDS, deploy_app
from safelight_local.emulator.cdk import find_cli
from safelight_local.emulator.endpoints import Endpoints
from safelight_local.emulator.services import Services, running_services
from safelight_local.samples import Samples, write_samples

ROOT = Path(__file__).parents[2]
APP = Path(__file__).with_name("every_version.py")
PATIENCE = 600.0
ANNOUNCEMENTS = "announcements"

T = TypeVar("T")

PLACES = {"riverside": "park", "bistro": "restaurant", "espresso": "cafe", "tavern": "bar", "lido": "swimming pool"}


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became of an upload, by its execution and by its record."""

    states: list[str]
    execution: str
    status: str
    output: dict[str, Any] | None
    error: str | None
    record: dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Deployment:
    """The emulator with one workflow of each version."""

    services: Services
    workflows: dict[str, DeployedWorkflow]
    samples: Samples
    heard: list[dict[str, Any]] = field(default_factory=list)
    ended: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Executions that have ended, by ARN: nothing of them changes any more."""

    @property
    def aws(self) -> Endpoints:
        return self.services.endpoints

    def client(self, service: str) -> Any:
        """Make a client of one more service of the emulator's."""
        make: Any = self.aws.session.client
        return make(service, **self.aws.client_settings)

    def upload(self, *, version: str, key: str, body: bytes) -> str:
        """Put an object and return its entity tag."""
        answer = self.aws.s3.put_object(Bucket=self.workflows[version].upload_bucket, Key=key, Body=body)
        return str(answer["ETag"]).strip('"')

    def outcome(self, *, version: str, key: str, body: bytes) -> Outcome:
        """Upload and wait for what becomes of it."""
        etag = self.upload(version=version, key=key, body=body)
        (execution,) = self.wait_for_executions(version=version, key=key, etag=etag, count=1)
        return self.outcome_of(version=version, execution=execution)

    def wait_for_executions(self, *, version: str, key: str, etag: str, count: int) -> list[dict[str, Any]]:
        """Return the descriptions of that many ended executions of one upload."""

        def ended() -> list[dict[str, Any]] | None:
            found = self.executions(version=version, key=key, etag=etag)
            done = [execution for execution in found if execution["status"] != "RUNNING"]
            return done if len(done) >= count else None

        return wait_for(ended, what=f"{count} ended execution(s) of {key} in {version}")

    def start(self, *, version: str, event: dict[str, Any]) -> str:
        """Start an execution with an event, as EventBridge does when it delivers one late or again."""
        arn = self.workflows[version].state_machine_arn
        started = self.aws.stepfunctions.start_execution(stateMachineArn=arn, input=json.dumps(event))
        return str(started["executionArn"])

    def wait(self, *, version: str, execution: str) -> Outcome:
        """Wait for one execution to end."""

        def ended() -> dict[str, Any] | None:
            described = self.described(execution)
            return None if described["status"] == "RUNNING" else described

        return self.outcome_of(version=version, execution=wait_for(ended, what=f"end of {execution}"))

    def event_of(self, execution: str) -> dict[str, Any]:
        """Return the S3 event that started an execution."""
        event: dict[str, Any] = json.loads(self.described(execution)["input"])
        return event

    def executions(self, *, version: str, key: str, etag: str) -> list[dict[str, Any]]:
        states = self.aws.stepfunctions
        arn = self.workflows[version].state_machine_arn
        found = []
        for page in states.get_paginator("list_executions").paginate(stateMachineArn=arn):
            for listed in page["executions"]:
                described = self.described(listed["executionArn"])
                image = json.loads(described["input"])["detail"]["object"]
                if (image["key"], image["etag"]) == (key, etag):
                    found.append(described)
        return found

    def described(self, execution: str) -> dict[str, Any]:
        if execution in self.ended:
            return self.ended[execution]
        described: Any = self.aws.stepfunctions.describe_execution(executionArn=execution)
        if described["status"] != "RUNNING":
            self.ended[execution] = described
        return dict(described)

    def outcome_of(self, *, version: str, execution: dict[str, Any]) -> Outcome:
        image = json.loads(execution["input"])["detail"]["object"]
        return Outcome(
            states=[visit.state for visit in read_history(self.aws, arn=execution["executionArn"])],
            execution=execution["executionArn"],
            status=execution["status"],
            output=json.loads(execution["output"]) if execution.get("output") else None,
            error=execution.get("error"),
            record=self.record(version=version, key=image["key"], sequencer=image["sequencer"]),
        )

    def record(self, *, version: str, key: str, sequencer: str) -> dict[str, Any]:
        workflow, padded = self.workflows[version], sequencer.rjust(32, "0")
        item_key = {"pk": {"S": f"IMAGE#{workflow.workflow_id}#{key}"}, "sk": {"S": f"UPLOAD#{padded}"}}
        table = workflow.records_table
        item = self.aws.dynamodb.get_item(TableName=table, Key=item_key, ConsistentRead=True).get("Item", {})
        return {name: TypeDeserializer().deserialize(value) for name, value in item.items()}

    def asset(self, *, version: str, key: str) -> dict[str, Any] | None:
        workflow = self.workflows[version]
        item_key = {"pk": {"S": f"PLACE#{key.split('/')[0]}"}, "sk": {"S": f"ASSET#{workflow.workflow_id}#{key}"}}
        table = workflow.records_table
        item = self.aws.dynamodb.get_item(TableName=table, Key=item_key, ConsistentRead=True).get("Item")
        return item and {name: TypeDeserializer().deserialize(value) for name, value in item.items()}

    def published(self, *, version: str, key: str) -> list[str]:
        """Keys of the renditions of an upload's key."""
        bucket = self.workflows[version].published_bucket
        found = self.aws.s3.list_objects_v2(Bucket=bucket, Prefix=f"{key}/").get("Contents", [])
        return [item["Key"] for item in found]

    def rendition_key(self, *, execution: str, key: str, name: str) -> str:
        """Key of a rendition that an execution wrote of an upload."""
        return f"{key}/{sha256(f'{execution}#0'.encode()).hexdigest()[:32]}/{name}"

    def rendition(self, *, version: str, key: str) -> bytes:
        body: bytes = self.aws.s3.get_object(Bucket=self.workflows[version].published_bucket, Key=key)["Body"].read()
        return body

    def listen(self) -> None:
        """Make a queue that gets every event of Safelight's."""
        sqs, events = self.client("sqs"), self.client("events")
        url = sqs.create_queue(QueueName=ANNOUNCEMENTS)["QueueUrl"]
        arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        events.put_rule(Name=ANNOUNCEMENTS, EventPattern=json.dumps({"source": ["safelight"]}))
        events.put_targets(Rule=ANNOUNCEMENTS, Targets=[{"Id": "queue", "Arn": arn}])

    def announcements(self, *, key: str, count: int) -> list[dict[str, Any]]:
        """Return the events out that name a key, once there are so many."""

        def enough() -> list[dict[str, Any]] | None:
            self._hear()
            about_key = [event for event in self.heard if event["detail"]["key"] == key]
            return about_key if len(about_key) >= count else None

        return wait_for(enough, what=f"{count} announcement(s) of {key}")

    def _hear(self) -> None:
        sqs = self.client("sqs")
        queue = sqs.get_queue_url(QueueName=ANNOUNCEMENTS)["QueueUrl"]
        while messages := sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages"):
            for message in messages:
                self.heard.append(json.loads(message["Body"]))
                sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])

    def logs(self) -> list[str]:
        """Every line that the functions have logged."""
        logs = self.client("logs")
        groups = [
            g["logGroupName"]
            for page in logs.get_paginator("describe_log_groups").paginate()
            for g in page["logGroups"]
        ]
        return [
            event["message"]
            for group in groups
            for page in logs.get_paginator("filter_log_events").paginate(logGroupName=group)
            for event in page["events"]
        ]

    def put_fixture(self, name: str, fixture: dict[str, Any]) -> None:
        """Have the Rekognition stand-in give canned answers for a named image."""
        url = f"http://127.0.0.1:{self.services.rekognition.port}/_safelight/fixtures/{name}"
        answer = botocore.httpsession.URLLib3Session().send(
            botocore.awsrequest.AWSRequest("PUT", url, data=json.dumps(fixture)).prepare()
        )
        assert answer.status_code < 300, answer.text


def wait_for(condition: Callable[[], T | None], *, what: str) -> T:
    deadline = time.monotonic() + PATIENCE
    while (result := condition()) is None:
        assert time.monotonic() < deadline, f"no {what} within {PATIENCE:.0f} s"
        time.sleep(0.1)
    return result


@contextmanager
def running_deployment(folder: Path, *, app: Path, places: Mapping[str, str]) -> Iterator[Deployment]:
    """Deploy an app with permissions enforced, and write a listing of each place for each of its workflows."""
    sources = folder / "samples"
    sources.mkdir()
    cli = find_cli(ROOT)
    with running_services(folder) as services:
        deploy_app(
            cli,
            endpoints=services.endpoints,
            project=ROOT,
            app=f"{sys.executable} {app}",
            context=[],
            folder=folder,
            seconds=STALL_SECONDS,
            step=lambda _: nullcontext(lambda _: None),
        )
        workflows = {workflow.name.lower(): workflow for workflow in deployed_workflows(services.endpoints)}
        for workflow in workflows.values():
            for place_id, place_type in places.items():
                seed_place(
                    services.endpoints, workflow=workflow, place_id=place_id, place_type=place_type, name=place_id
                )
        deployed = Deployment(services=services, workflows=workflows, samples=write_samples(sources))
        deployed.listen()
        yield deployed


@pytest.fixture(scope="module")
def deployment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    with running_deployment(tmp_path_factory.mktemp("deployment"), app=APP, places=PLACES) as deployed:
        yield deployed
