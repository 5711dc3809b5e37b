"""Runs the stand-in in its own process, as users do."""

import http.client
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config
from botocore.validate import ParamValidator

from safelight_local.servers import free_port, python_path

if TYPE_CHECKING:
    from mypy_boto3_rekognition import RekognitionClient


@dataclass(frozen=True, kw_only=True)
class Answer:
    """An HTTP response, its body read as JSON."""

    status: int
    headers: Mapping[str, str]
    body: Any


@dataclass(frozen=True, kw_only=True)
class StandIn:
    """A running stand-in."""

    port: int
    process: subprocess.Popen[str]
    log: Path

    @property
    def url(self) -> str:
        """Its address, as ``AWS_ENDPOINT_URL_REKOGNITION`` takes it."""
        return f"http://127.0.0.1:{self.port}"

    def send(
        self, method: str, path: str, *, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """Send any request, and read the JSON that comes back."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=300)
        try:
            connection.request(method, path, body=body, headers=dict(headers or {}))
            response = connection.getresponse()
            return Answer(
                status=response.status,
                headers={name.lower(): value for name, value in response.getheaders()},
                body=json.loads(response.read()),
            )
        finally:
            connection.close()

    def call(self, operation: str, request: Any) -> Answer:
        """Send a request in Rekognition's protocol without boto3's validation."""
        return self.send(
            "POST",
            "/",
            body=json.dumps(request).encode(),
            headers={"X-Amz-Target": f"RekognitionService.{operation}"},
        )


def command(*arguments: str) -> list[str]:
    """Return the command line of the stand-in with these arguments."""
    return [sys.executable, "-m", "safelight_local.rekognition", *arguments]


def environment(changes: Mapping[str, str]) -> dict[str, str]:
    """Return this process's environment with changes: nothing of the user's AWS, and the sources on the path."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    return kept | {"PYTHONPATH": python_path()} | dict(changes)


@contextmanager
def running_stand_in(folder: Path, *, variables: Mapping[str, str], more: Sequence[str] = ()) -> Iterator[StandIn]:
    """Run a ready stand-in with more arguments in a ``with`` block."""
    port, log = free_port(), folder / "rekognition.log"
    process = subprocess.Popen(
        command("--port", str(port), "--log", str(log), *more),
        env=environment(variables),
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
            yield StandIn(port=port, process=process, log=log)
        finally:
            process.terminate()


def rekognition_client(stand_in: StandIn, *, max_attempts: int = 1) -> "RekognitionClient":
    """Return a boto3 client that holds each answer against Rekognition's service model, and does not retry as it is."""
    client = boto3.client(
        "rekognition",
        endpoint_url=stand_in.url,
        region_name="us-east-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
        config=Config(retries={"total_max_attempts": max_attempts, "mode": "standard"}, max_pool_connections=50),
    )
    client.meta.events.register("after-call.rekognition", _hold_against_the_service_model)
    return client


def _hold_against_the_service_model(http_response: Any, model: Any, **_others: Any) -> None:
    if http_response.status_code == 200:
        report = ParamValidator().validate(json.loads(http_response.content), model.output_shape)
        assert not report.has_errors(), report.generate_report()
