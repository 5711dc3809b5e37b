"""Starts the emulator with TLS and IAM permissions, waits until it is ready, and stops it."""

import shutil
import ssl
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from safelight_local.emulator.certificate import Certificate, write_certificate
from safelight_local.emulator.endpoints import Endpoints
from safelight_local.emulator.sdk import sdk_folder
from safelight_local.errors import UserError
from safelight_local.nodejs import search_path
from safelight_local.servers import (
    LOOPBACK,
    Server,
    free_port,
    last_words,
    mark,
    python_path,
    start_server,
    stop_server,
    validate_free_port,
    wait_until_ready,
)

_READY_SECONDS = 120.0
_ATTEMPTS = 3
_TEMPORARY = "tmp"
_PORT_TAKEN = "already in use"
LAUNCHER = ("safelight_local.emulator.launcher",)
"""The module that starts ministack, and arguments beside the port."""


@dataclass(frozen=True, kw_only=True)
class Emulator:
    """A running emulator."""

    server: Server
    endpoints: Endpoints


def start_emulator(
    folder: Path,
    *,
    port: int | None = None,
    rekognition_url: str | None = None,
    launcher: Sequence[str] = LAUNCHER,
) -> Emulator:
    """Start the emulator and wait until it takes requests.

    Permissions are enforced for callers and for the roles of functions, and TLS is on. It listens on loopback
    only.

    `folder`: an existing folder for its certificate, its log and its temporary files.
    `port`: the loopback port to listen on. Default: a free one.
    `rekognition_url`: where functions find Rekognition. Default: the emulator, which has none.
    `launcher`: the module that starts ministack, and its arguments other than the port. Default: `LAUNCHER`.

    Stop it with `stop_emulator`. Raises UserError if the port asked for is in use, or the emulator does
    not start; its last words are in the message.
    """
    if port is not None:
        validate_free_port(port)
    certificate = write_certificate(folder)
    temporary = folder / _TEMPORARY
    temporary.mkdir(exist_ok=True)
    for attempt in range(_ATTEMPTS):
        chosen = free_port() if port is None else port
        endpoints = Endpoints(url=f"https://localhost:{chosen}", ca_bundle=certificate.certificate)
        server = start_server(
            name="emulator",
            command=[sys.executable, *mark(folder), "-m", *launcher, "--port", str(chosen)],
            port=chosen,
            env=_environment(
                endpoints=endpoints,
                certificate=certificate,
                temporary=temporary,
                rekognition_url=rekognition_url,
            ),
            log=folder / "emulator.log",
        )
        try:
            wait_until_ready(server, answers=partial(is_healthy, endpoints), seconds=_READY_SECONDS)
        except BaseException as error:
            stop_server(server)
            someone_was_faster = isinstance(error, UserError) and _PORT_TAKEN in last_words(server)
            if port is None and someone_was_faster and attempt < _ATTEMPTS - 1:
                continue
            raise
        return Emulator(server=server, endpoints=endpoints)
    raise AssertionError("the last attempt returns or raises")


def stop_emulator(emulator: Emulator) -> None:
    """Stop an emulator and all functions it runs; what was deployed in it is gone."""
    stop_server(emulator.server)
    # A function that is killed leaves its unpacked code and layers behind.
    shutil.rmtree(emulator.server.log.parent / _TEMPORARY, ignore_errors=True)


@contextmanager
def running_emulator(
    folder: Path, *, port: int | None = None, rekognition_url: str | None = None
) -> Iterator[Emulator]:
    """Have an emulator for the length of a ``with`` block.

    It is stopped when the block ends, even by an error.
    """
    emulator = start_emulator(folder, port=port, rekognition_url=rekognition_url)
    try:
        yield emulator
    finally:
        stop_emulator(emulator)


def _environment(
    *, endpoints: Endpoints, certificate: Certificate, temporary: Path, rekognition_url: str | None
) -> dict[str, str]:
    # Functions inherit all of it, so it holds nothing of the user's environment.
    environment = endpoints.variables() | {
        "PATH": search_path(),
        "LANG": "C.UTF-8",
        "TZ": "UTC",
        "HOME": str(temporary),
        "TMPDIR": str(temporary),
        "PYTHONUNBUFFERED": "1",
        "PYTHONPATH": python_path(),
        # Handlers of custom resources answer over TLS.
        "SSL_CERT_FILE": str(certificate.certificate),
        "NODE_PATH": str(sdk_folder()),
        # AwsCustomResource installs the newest SDK unless that fails.
        "npm_config_offline": "true",
        "BIND_HOST": LOOPBACK,
        "AUTH": "true",
        "USE_SSL": "1",
        "MINISTACK_SSL_CERT": str(certificate.certificate),
        "MINISTACK_SSL_KEY": str(certificate.key),
        "IOT_MTLS_ENABLED": "0",
    }
    if rekognition_url is not None:
        environment["AWS_ENDPOINT_URL_REKOGNITION"] = rekognition_url
    return environment


def is_healthy(endpoints: Endpoints) -> bool:
    """Whether an emulator answers.

    Result: also False if it takes longer than five seconds.
    """
    opener = urllib.request.build_opener(
        urllib.request.ProxyHandler({}),
        urllib.request.HTTPSHandler(context=ssl.create_default_context(cafile=str(endpoints.ca_bundle))),
    )
    try:
        with opener.open(f"{endpoints.url}/_ministack/health", timeout=5) as response:
            return bool(response.status == 200)
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return False
