"""A deployment with faults in front of its AWS calls, and the outcomes of its uploads."""

import json
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from botocore.awsrequest import AWSRequest
from botocore.exceptions import ClientError
from botocore.httpsession import URLLib3Session
from tools.fault_lab.launcher import CONTROL
from tools.fault_lab.rules import Rule

from safelight_contracts.keys import attempt_of
from safelight_contracts.records import uploads_prefix
from safelight_local.aws.deployment import DeployedWorkflow, deployed_workflows
from safelight_local.aws.executions import RUNNING, Execution, describe
from safelight_local.aws.history import read_history
from safelight_local.aws.records import Record, read_record
from safelight_local.emulator.apps import STALL_SECONDS, deploy_app
from safelight_local.emulator.cdk import find_cli
from safelight_local.emulator.endpoints import Endpoints
from safelight_local.emulator.services import Services, require_running, running_services
from safelight_local.errors import UserError
from safelight_local.samples import Samples, write_samples
from safelight_local.servers import LOOPBACK

APP = Path("tests") / "statemachines" / "faulty.py"
"""The app that is deployed, in the checkout."""

KEEPING, QUARANTINING, DELETING, REPLACING = "Keeping", "Quarantining", "Deleting", "Replacing"
"""The workflows in it. The third deletes rejected uploads, and withdraws renditions of deleted uploads. The last has no
versions."""

_QUEUE = "announcements"
_POLL_SECONDS = 0.3
# The time before a message is delivered again. On AWS: two minutes, then twelve.
_REDELIVERY_SECONDS = 10
# More executions than start between two polls.
_NEWEST = 100
_PATIENCE_SECONDS = 600.0

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class FaultLab:
    """The deployment.

    `services`: the emulator with faults in front, and the Rekognition stand-in.
    `quarantine_bucket`: the bucket to which the workflow `QUARANTINING` moves rejected uploads.
    `samples`: Photographs.
    `sweep_queues`: the URL of each workflow's queue to its sweeper.
    """

    services: Services
    workflows: Mapping[str, DeployedWorkflow]
    quarantine_bucket: str
    samples: Samples
    sweep_queues: Mapping[str, str]
    _watched: dict[str, tuple[str, Execution]] = field(default_factory=dict)
    _heard: list[dict[str, Any]] = field(default_factory=list)
    _stop: threading.Event = field(default_factory=threading.Event)

    @property
    def aws(self) -> Endpoints:
        """The emulator."""
        return self.services.endpoints

    def client(self, service: str) -> Any:
        """Make a client of another service of the emulator."""
        make: Any = self.aws.session.client
        return make(service, **self.aws.client_settings)

    def put_rule(self, name: str, rule: Rule) -> None:
        """Inject a fault into some calls."""
        self._ask("PUT", f"{self.aws.url}{CONTROL}/{name}", rule.source())

    def remove_rule(self, name: str) -> None:
        """Remove a fault."""
        self._ask("DELETE", f"{self.aws.url}{CONTROL}/{name}", None)

    def met(self) -> dict[str, int]:
        """Count the calls that met each active rule."""
        counts: dict[str, int] = self._ask("GET", f"{self.aws.url}{CONTROL}", None)
        return counts

    def scale_waits(self, factor: float) -> None:
        """Make the waits between a state's retries shorter."""
        self._ask("POST", f"{self.aws.url}/_ministack/config", {"stepfunctions._SFN_WAIT_SCALE": factor})

    def ask_rekognition(self, method: str, path: str, body: object = None) -> Any:
        """Send a request to the Rekognition stand-in under ``/_safelight/...``."""
        return self._ask(method, f"http://{LOOPBACK}:{self.services.rekognition.port}{path}", body)

    def let_pass(self, place: str) -> None:
        """Make Rekognition accept a place's images."""
        self._put_fixture(place, _HARMLESS_ANSWERS)

    def refuse(self, place: str) -> None:
        """Make every check reject a place's images."""
        self._put_fixture(place, _REFUSING_ANSWERS)

    def _put_fixture(self, place: str, answers: Mapping[str, Any]) -> None:
        self.ask_rekognition("PUT", f"/_safelight/fixtures/{place}", {"key": f"*{place}/*", "answers": answers})

    def _ask(self, method: str, url: str, body: object) -> Any:
        data = None if body is None else json.dumps(body)
        http: Any = URLLib3Session
        response = http(verify=str(self.aws.ca_bundle), proxies={}).send(AWSRequest(method, url, data=data).prepare())
        if response.status_code >= 400:
            raise UserError(f"{method} {url} answers {response.status_code}: {response.text}")
        return json.loads(response.text) if response.text else None

    def upload(self, workflow: str, *, key: str, body: bytes) -> str:
        """Put an object and return its entity tag."""
        answer = self.aws.s3.put_object(Bucket=self.workflows[workflow].upload_bucket, Key=key, Body=body)
        return answer["ETag"].strip('"')

    def delete(self, workflow: str, *, key: str, version_id: str | None = None) -> None:
        """Delete an object, or one of its versions, as its owner does."""
        which = {} if version_id is None else {"VersionId": version_id}
        bucket = self.workflows[workflow].upload_bucket
        self.aws.s3.delete_object(Bucket=bucket, Key=key, **which)  # type: ignore[arg-type]

    def start(self, workflow: str, *, event: Mapping[str, Any]) -> str:
        """Start an execution with an event, as EventBridge does when it delivers one late or again."""
        arn = self.workflows[workflow].state_machine_arn
        return self.aws.stepfunctions.start_execution(stateMachineArn=arn, input=json.dumps(event))["executionArn"]

    def started_by(self, *, key: str, etag: str) -> Execution:
        """Wait for the execution that an upload starts."""

        def found() -> Execution | None:
            for _, execution in list(self._watched.values()):
                if (execution.upload.get("key"), execution.upload.get("etag")) == (key, etag):
                    return execution
            return None

        return self.wait_for(found, what=f"execution of {key}")

    def ended(self, arn: str) -> Execution:
        """Wait for an execution to end."""

        def found() -> Execution | None:
            status = self._watched[arn][0] if arn in self._watched else RUNNING
            return None if status == RUNNING else describe(self.aws, arn=arn)

        return self.wait_for(found, what=f"end of {arn}")

    def statuses(self, workflow: str) -> Counter[str]:
        """Count the executions of a workflow by their status."""
        machine = self.workflows[workflow].state_machine_arn.rpartition(":")[2]
        return Counter(status for arn, (status, _) in list(self._watched.items()) if f":{machine}:" in arn)

    def outcomes(self, workflow: str) -> Counter[str]:
        """Count the records of a workflow's uploads by their status."""
        pages = self.aws.dynamodb.get_paginator("scan").paginate(
            TableName=self.workflows[workflow].records_table, ConsistentRead=True
        )
        items = (item for page in pages for item in page["Items"])
        uploads = uploads_prefix(self.workflows[workflow].workflow_id)
        return Counter(item["status"]["S"] for item in items if item["pk"]["S"].startswith(uploads))

    def wait_for(self, found: Callable[[], T | None], *, what: str, seconds: float = _PATIENCE_SECONDS) -> T:
        """Wait until a function returns a value."""
        deadline = time.monotonic() + seconds
        while (result := found()) is None:
            require_running(self.services)
            if time.monotonic() > deadline:
                raise UserError(f"no {what} within {seconds:.0f} s")
            time.sleep(_POLL_SECONDS)
        return result

    def wait_for_at_most(self, holds: Callable[[], bool], *, seconds: float) -> None:
        """Wait until a condition holds."""
        deadline = time.monotonic() + seconds
        while not holds() and time.monotonic() < deadline:
            time.sleep(_POLL_SECONDS)

    def passed_through(self, arn: str, *, state: str) -> bool:
        """Whether an execution entered a state."""
        return any(visit.state == state for visit in read_history(self.aws, arn=arn))

    def record(self, workflow: str, execution: Execution) -> Record | None:
        """Read the record of an execution's upload."""
        upload = execution.upload
        return read_record(
            self.aws, workflow=self.workflows[workflow], key=upload["key"], sequencer=upload["sequencer"]
        )

    def announced(self, arn: str) -> list[str]:
        """List the types of the events that an execution sent."""
        return [event["detail-type"] for event in list(self._heard) if event["detail"]["executionArn"] == arn]

    def announced_of(self, key: str) -> list[str]:
        """List the types of a key's events."""
        return [event["detail-type"] for event in list(self._heard) if event["detail"]["key"] == key]

    def events_of(self, key: str) -> list[dict[str, Any]]:
        """List a key's events."""
        return [event for event in list(self._heard) if event["detail"]["key"] == key]

    def sweep(self, workflow: str) -> None:
        """Run the sweeper, as its hourly schedule does."""
        message = json.dumps({"sweep": "everything"})
        self.client("sqs").send_message(QueueUrl=self.sweep_queues[workflow], MessageBody=message)

    def invoke(self, workflow: str, step: str, *, payload: Mapping[str, Any]) -> Any:
        """Invoke a workflow's function, as a state of another definition would."""
        functions = self.client("lambda")
        pages = functions.get_paginator("list_functions").paginate()
        names = [function["FunctionName"] for page in pages for function in page["Functions"]]
        (name,) = (name for name in names if f"{workflow}{step}" in name)
        answer = functions.invoke(FunctionName=name, Payload=json.dumps(payload).encode())
        return json.loads(answer["Payload"].read())

    def renditions(self, workflow: str, execution: Execution) -> list[str]:
        """List the published objects that an execution wrote."""
        bucket, upload = self.workflows[workflow].published_bucket, execution.upload
        attempt = attempt_of(execution.arn, redrives=0)
        listed = self.aws.s3.list_objects_v2(Bucket=bucket, Prefix=f"{upload['key']}/{attempt}/").get("Contents", [])
        return [item["Key"] for item in listed]

    def original(self, workflow: str, execution: Execution) -> str:
        """Return the bucket and key of an execution's upload."""
        upload = execution.upload
        version = {"VersionId": upload["version-id"]} if "version-id" in upload else {}
        places = [
            (self.workflows[workflow].upload_bucket, version, "kept"),
            (self.quarantine_bucket, {}, "quarantined"),
        ]
        for bucket, which, place in places:
            try:
                there = self.aws.s3.head_object(Bucket=bucket, Key=upload["key"], **which)
            except ClientError:
                continue
            if there["ETag"].strip('"') == upload["etag"]:
                return place
        return "gone"

    def watch(self) -> None:
        """Poll executions and events until the lab is closed."""
        sqs = self.client("sqs")
        queue = sqs.get_queue_url(QueueName=_QUEUE)["QueueUrl"]
        while not self._stop.wait(_POLL_SECONDS):
            for workflow in self.workflows.values():
                self._watch_executions(workflow.state_machine_arn)
            while messages := sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages"):
                for message in messages:
                    self._heard.append(json.loads(message["Body"]))
                    sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])

    def _watch_executions(self, state_machine: str) -> None:
        """Poll the newest executions, and those that ran at the last poll."""
        newest = self.aws.stepfunctions.list_executions(stateMachineArn=state_machine, maxResults=_NEWEST)["executions"]
        statuses: dict[str, str] = {found["executionArn"]: found["status"] for found in newest}
        machine = state_machine.rpartition(":")[2]
        for arn, (status, _) in list(self._watched.items()):
            if status == RUNNING and f":{machine}:" in arn and arn not in statuses:
                latest = describe(self.aws, arn=arn)
                statuses[arn] = latest.status if latest else status
        for arn, status in statuses.items():
            known = self._watched.get(arn)
            if known is not None:
                self._watched[arn] = (status, known[1])
            elif (execution := describe(self.aws, arn=arn)) is not None:
                self._watched[arn] = (status, execution)

    def listen(self) -> None:
        """Make a queue that receives every event of Safelight."""
        sqs, events = self.client("sqs"), self.client("events")
        url = sqs.create_queue(QueueName=_QUEUE)["QueueUrl"]
        arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        events.put_rule(Name=_QUEUE, EventPattern=json.dumps({"source": ["safelight"]}))
        events.put_targets(Rule=_QUEUE, Targets=[{"Id": "queue", "Arn": arn}])

    def end(self) -> None:
        """Stop `watch`."""
        self._stop.set()


@contextmanager
def running_lab(
    folder: Path, *, project: Path, environments: int, progress: Callable[[str], None]
) -> Iterator[FaultLab]:
    """Deploy the app, with faults in front of its calls, for a ``with`` block.

    `project`: the checkout, where `APP` is.
    `environments`: Number of concurrent invocations of a function.

    Raises UserError if something is missing, or does not start or deploy.
    """
    cli = find_cli(project)
    (folder / "samples").mkdir()
    samples = write_samples(folder / "samples")
    launcher = ("tools.fault_lab.launcher", "--environments", str(environments))
    with running_services(folder, launcher=launcher) as services:
        endpoints = services.endpoints
        deploy_app(
            cli,
            endpoints=endpoints,
            project=project,
            app=f"{sys.executable} {project / APP}",
            context=[],
            folder=folder,
            seconds=STALL_SECONDS,
            step=lambda title: _telling(progress, title),
        )
        buckets = [bucket["Name"] for bucket in endpoints.s3.list_buckets()["Buckets"]]
        (quarantine,) = (name for name in buckets if "quarantiningquarantine" in name)
        workflows = {workflow.name: workflow for workflow in deployed_workflows(endpoints)}
        lab = FaultLab(
            services=services,
            workflows=workflows,
            quarantine_bucket=quarantine,
            samples=samples,
            sweep_queues=_hurry_queues(endpoints, workflows=workflows),
        )
        lab.listen()
        # Every image gets the same answers: the models are not under test.
        lab.ask_rekognition("PUT", "/_safelight/fixtures/any-other", _HARMLESS)
        watcher = threading.Thread(target=lab.watch, name="watch", daemon=True)
        watcher.start()
        try:
            yield lab
        finally:
            lab.end()
            watcher.join()


_HARMLESS_ANSWERS = {
    "DetectModerationLabels": [{"response": {"ModerationLabels": []}}],
    "DetectLabels": [{"response": {"Labels": [{"Name": "Cup", "Confidence": 99.0, "Instances": []}]}}],
    "DetectText": [
        {"response": {"TextDetections": [{"DetectedText": "SAFELIGHT", "Type": "LINE", "Confidence": 99.0}]}}
    ],
}
_REFUSING_ANSWERS = {
    "DetectModerationLabels": [
        {"response": {"ModerationLabels": [{"Name": "Violence", "Confidence": 99.0, "ParentName": ""}]}}
    ],
    "DetectLabels": [{"response": {"Labels": []}}],
    "DetectText": [{"response": {"TextDetections": []}}],
}
# Places of cases and event orderings have their own answers.
_HARMLESS = {"key": "[!co]*/*", "answers": _HARMLESS_ANSWERS}


@contextmanager
def _telling(progress: Callable[[str], None], title: str) -> Iterator[Callable[[str], None]]:
    progress(title)
    yield progress


def _hurry_queues(endpoints: Endpoints, *, workflows: Mapping[str, DeployedWorkflow]) -> dict[str, str]:
    """Deliver messages to background functions at once, and retry them soon. Return the sweepers' queues."""
    make: Any = endpoints.session.client
    sqs = make("sqs", **endpoints.client_settings)
    found = {}
    for url in sqs.list_queues()["QueueUrls"]:
        for name in workflows:
            if f"{name}SweepQueue" in url or f"{name}WithdrawQueue" in url:
                soon = {"DelaySeconds": "0", "VisibilityTimeout": str(_REDELIVERY_SECONDS)}
                sqs.set_queue_attributes(QueueUrl=url, Attributes=soon)
            if f"{name}SweepQueue" in url:
                found[name] = url
    if found.keys() != workflows.keys():
        raise UserError(f"only these workflows have a sweeper's queue: {sorted(found)}")
    return found
