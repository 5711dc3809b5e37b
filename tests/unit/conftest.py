from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import boto3
import pytest
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from botocore.stub import Stubber
from tests.emulators import killed_emulator
from tests.unit.executing import Executing
from tests.unit.recorded import Recorded, make_recorded
from tests.unit.workflow_events import event_for

from awskit import clients
from awskit.rekognition import client
from safelight_local.emulator.process import Emulator

# A session reads the description of a service once, which takes longer than most tests.
FAKE_SESSION = boto3.Session(region_name="us-east-1", aws_access_key_id="fake", aws_secret_access_key="fake")

# As they are before a test puts others in their place.
_CLIENTS = (clients.s3, clients.dynamodb, clients.events, clients.sqs, clients.stepfunctions, clients.secretsmanager)


@pytest.fixture(scope="session")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    """One emulator for all tests of functions: each test makes buckets, tables and buses of its own in it."""
    with killed_emulator(tmp_path_factory.mktemp("emulator")) as started:
        yield started


@pytest.fixture
def emulated_aws(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> Iterator[Emulator]:
    """Make the functions' own clients reach the emulator, as its environment does in Lambda."""
    for name, value in emulator.endpoints.variables().items():
        monkeypatch.setenv(name, value)
    _forget_clients()
    yield emulator
    _forget_clients()


def _forget_clients() -> None:
    for made in _CLIENTS:
        made.cache_clear()


@pytest.fixture
def forget_clients(emulated_aws: Emulator) -> Callable[[], None]:  # noqa: ARG001 - where the next ones go
    """Recreate the clients of the functions, so that a service that was made busy answers again."""
    return _forget_clients


@pytest.fixture
def make_s3_busy(emulated_aws: Emulator) -> Callable[[str], None]:  # noqa: ARG001 - sets up the functions' client
    """Fake that S3 answers an operation of the functions' client with SlowDown: no emulator can be made to."""

    def make(operation: str) -> None:
        answer = {"Error": {"Code": "SlowDown", "Message": "..."}, "ResponseMetadata": {"HTTPStatusCode": 503}}
        events: Any = clients.s3().meta.events
        events.register(f"before-call.s3.{operation}", lambda **_: (AWSResponse("", 503, HTTPHeaders(), None), answer))

    return make


@pytest.fixture
def fake_rekognition(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stubber]:
    """A fake Rekognition that returns the answers of the test in the service's shapes."""
    made = FAKE_SESSION.client("rekognition")
    with Stubber(made) as fake:
        monkeypatch.setattr(client, "rekognition", lambda: made)
        yield fake
        fake.assert_no_pending_responses()


@pytest.fixture
def uploads(emulated_aws: Emulator) -> str:
    """Make an upload bucket of the test's own, without versions, and return its name."""
    name = f"uploads-{uuid4().hex}"
    emulated_aws.endpoints.s3.create_bucket(Bucket=name)
    return name


@pytest.fixture
def upload(emulated_aws: Emulator, uploads: str) -> Callable[..., dict[str, Any]]:
    """Put an object into the upload bucket and return the event that a step gets for it."""

    def put(data: bytes, *, key: str = "p1/a.jpg", sequencer: str = "0A") -> dict[str, Any]:
        etag = emulated_aws.endpoints.s3.put_object(Bucket=uploads, Key=key, Body=data)["ETag"].strip('"')
        return event_for(key, size=len(data), etag=etag, sequencer=sequencer, bucket=uploads)

    return put


@pytest.fixture
def aws(emulated_aws: Emulator, monkeypatch: pytest.MonkeyPatch) -> Recorded:
    """Make a table, a published bucket and a bus, and tell the functions of them as their environment does."""
    made = make_recorded(emulated_aws)
    settings = {
        "RECORDS_TABLE": made.table,
        "WORKFLOW_ID": made.workflow,
        "PUBLISHED_BUCKET": made.bucket,
        "PUBLISHED_PREFIX": "",
        "CACHE_CONTROL": "public, max-age=300",
        "EVENT_BUS": made.bus,
        "KEY_PREFIX": "",
        "KEEP_REPLACED_SECONDS": "86400",
        "VERSION": "v5",
    }
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    return made


@pytest.fixture
def executing(aws: Recorded) -> Executing:
    """Do what the states of an execution do, one at a time."""
    return Executing(aws=aws)
