import json
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from botocore.stub import ANY
from tests.unit.conftest import FAKE_SESSION

from awskit import clients, sdk
from awskit.rekognition import client
from safelight_local.emulator.process import Emulator

Shown = dict[str, Any]
BY_BYTES: Shown = {"Bytes": ANY}


def by_reference(event: dict[str, Any]) -> Shown:
    """The image of a Rekognition request by reference."""
    image = event["image"]
    return {"S3Object": {"Bucket": image["bucket"], "Name": image["key"], "Version": image["versionId"]}}


@pytest.fixture
def versioned_upload(
    emulated_aws: Emulator, uploads: str, upload: Callable[..., dict[str, Any]]
) -> Callable[..., dict[str, Any]]:
    """Put an object into the upload bucket, which keeps versions, and return the event that a step gets for it."""
    s3 = emulated_aws.endpoints.s3
    s3.put_bucket_versioning(Bucket=uploads, VersioningConfiguration={"Status": "Enabled"})

    def put(data: bytes, **options: Any) -> dict[str, Any]:
        event = upload(data, **options)
        event["image"]["versionId"] = s3.head_object(Bucket=uploads, Key=event["image"]["key"])["VersionId"]
        return event

    return put


ANALYSIS_IMAGE: Shown = {"S3Object": {"Bucket": "analysis", "Name": "p1/a.webp/0A.jpg"}}
"""What a check shows Rekognition where a workflow made an analysis image: that of `check_event`."""


@pytest.fixture
def raw_rekognition(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    """Fake what Rekognition's server sends, byte by byte: its own client reads it, as in Lambda."""
    client.rekognition.cache_clear()
    with monkeypatch.context() as only_now:
        only_now.setattr(sdk, "session", lambda: FAKE_SESSION._session)
        client.rekognition()

    def answer(body: object, *, status: int = 200) -> None:
        sent = body if isinstance(body, bytes) else json.dumps(body).encode()
        raw: Any = SimpleNamespace(stream=lambda: iter([sent]))
        response = AWSResponse("", status, HTTPHeaders(), raw)
        events: Any = client.rekognition().meta.events
        events.register("before-send.rekognition", lambda **_: response)

    yield answer
    client.rekognition.cache_clear()


@pytest.fixture
def reads(emulated_aws: Emulator) -> list[str | None]:  # noqa: ARG001 - sets up the functions' client
    """The byte range of every read that a step makes, None for a whole object."""
    made: list[str | None] = []
    clients.s3().meta.events.register(
        "provide-client-params.s3.GetObject", lambda params, **_: made.append(params.get("Range"))
    )
    return made
