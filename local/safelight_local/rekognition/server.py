"""The HTTP server: Rekognition's JSON 1.1 protocol on loopback, and what a test asks of it at ``/_safelight/...``.

====== ============================== =================================================================
GET    ``/healthz``                   whether it is ready, and for which operations
GET    ``/_safelight/fixtures``       the fixtures in force, by name
PUT    ``/_safelight/fixtures``       other fixtures in the place of all
PUT    ``/_safelight/fixtures/NAME``  one fixture
DELETE ``/_safelight/fixtures/NAME``  one fixture less
GET    ``/_safelight/limits``         the limit in force: ``{"callsPerSecond": 5}``, null for none
PUT    ``/_safelight/limits``         another limit
GET    ``/_safelight/calls``          by operation: ``answered``, ``throttled``, ``refused``, ``timestamps``
====== ============================== =================================================================
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import sys
import threading
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from socketserver import ThreadingTCPServer
from typing import Any
from urllib.parse import unquote

from PIL import Image

from safelight_local.errors import UserError
from safelight_local.rekognition import ACCOUNT_HEADER
from safelight_local.rekognition.calls import OPERATIONS, CallLog
from safelight_local.rekognition.detect_faces import detect_faces
from safelight_local.rekognition.detect_labels import detect_labels
from safelight_local.rekognition.detect_moderation_labels import detect_moderation_labels
from safelight_local.rekognition.detect_text import detect_text
from safelight_local.rekognition.detectors import NudityClassifier, ObjectDetector
from safelight_local.rekognition.errors import ServiceError
from safelight_local.rekognition.face_detector import FaceDetector
from safelight_local.rekognition.fixtures import (
    FixtureBook,
    InvalidFixtureError,
    parse_fixture,
    parse_fixtures,
    read_fixtures,
)
from safelight_local.rekognition.images import decode_image, read_image
from safelight_local.rekognition.limits import CallLimit, InvalidLimitError, parse_limit
from safelight_local.rekognition.models import ModelFiles, prepare_models
from safelight_local.rekognition.s3_clients import S3Clients
from safelight_local.rekognition.service_model import parse_request
from safelight_local.rekognition.text_reader import TextReader
from safelight_local.servers import LOOPBACK

FIXTURES_PATH = "/_safelight/fixtures"
LIMITS_PATH = "/_safelight/limits"
CALLS_PATH = "/_safelight/calls"

_TARGET_PREFIX = "RekognitionService."
# Rekognition's server errors. All others are client errors.
_FAULTS = frozenset({"InternalServerError", "ThrottlingException"})
_MAX_BODY_BYTES = 16 * 1024 * 1024
_IDLE_SECONDS = 60
_WARM_UP_SIZE = (320, 240)
# The detectors use at most 300 pixels a side, but small letters are only legible at 2,000.
_LEAST_SIDE = 600
_LEAST_SIDE_OF_TEXT = 2000

_log = logging.getLogger(__name__)

_Answer = Callable[[Mapping[str, Any], Image.Image], dict[str, Any]]


@dataclass(frozen=True, kw_only=True)
class _Service:
    """What all requests share."""

    answers: Mapping[str, _Answer]
    fixtures: FixtureBook
    limit: CallLimit
    calls: CallLog
    s3: S3Clients
    # A decoded image takes many megabytes, and each model uses a processor.
    at_work: threading.BoundedSemaphore


@dataclass(frozen=True, kw_only=True)
class _Response:
    body: Mapping[str, Any]
    status: HTTPStatus = HTTPStatus.OK
    error: str | None = None
    fixture: str | None = None


def serve(
    *,
    port: int,
    on_ready: Callable[[], None],
    progress: Callable[[str], None],
    fixtures: Path | None = None,
    calls_per_second: float | None = None,
) -> None:
    """Serve Rekognition's requests on loopback until the process is stopped.

    S3 objects are read with boto3 as the environment says: endpoint, credentials and CA bundle.

    `on_ready`: called once, when requests are accepted and the models are warm (but for the one that reads text, which
    is loaded by the first request for it).
    `progress`: called with what is done before that, where it takes long.
    `fixtures`: a JSON file of answers for named images. Default: none.
    `calls_per_second`: the calls per second of each operation. Further calls are throttled. Default: no limit.

    Raises UserError if the port cannot be used, the fixtures are not valid, or a model is missing.
    """
    book = FixtureBook()
    if fixtures is not None:
        book.replace(read_fixtures(fixtures, operations=OPERATIONS))
    with _bind(port) as server:
        files = prepare_models(progress=progress)
        answers = _load_answers(files)
        for operation in ("DetectFaces", "DetectLabels", "DetectModerationLabels"):
            answers[operation]({}, Image.new("RGB", _WARM_UP_SIZE))
        server.service = _Service(
            answers=answers,
            fixtures=book,
            limit=CallLimit(calls_per_second),
            calls=CallLog(OPERATIONS),
            s3=S3Clients(),
            at_work=threading.BoundedSemaphore(os.cpu_count() or 1),
        )
        server.server_activate()
        _log.info("ready on port %d", port)
        on_ready()
        server.serve_forever()


def _load_answers(files: ModelFiles) -> dict[str, _Answer]:
    objects, nudity, faces, text = (
        ObjectDetector(files),
        NudityClassifier(files),
        FaceDetector(files),
        TextReader(files),
    )
    return {
        "DetectFaces": lambda _, image: detect_faces(image, detector=faces),
        "DetectLabels": lambda request, image: detect_labels(request, image=image, detector=objects),
        "DetectModerationLabels": lambda request, image: detect_moderation_labels(
            request, image=image, classifier=nudity
        ),
        "DetectText": lambda request, image: detect_text(request, image=image, reader=text),
    }


class _Server(ThreadingTCPServer):
    # Not ThreadingHTTPServer: it looks up the name of its own address, which takes seconds on some networks.
    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 512
    service: _Service

    def handle_error(self, request: object, client_address: object) -> None:  # noqa: ARG002 - socketserver's
        """Log a broken connection at debug level: it is not an error of the stand-in."""
        _log.warning("a connection broke off: %r", sys.exception())


def _bind(port: int) -> _Server:
    """Bind the port, so that other processes find it in use. No connection is accepted yet."""
    server = _Server((LOOPBACK, port), _Handler, bind_and_activate=False)
    try:
        server.server_bind()
    except (OSError, OverflowError) as error:
        server.server_close()
        reason = error.strerror if isinstance(error, OSError) else "not a port number"
        raise UserError(f"port {port} cannot be used ({reason}): choose another with --port") from error
    return server


def _detect(service: _Service, operation: str, body: bytes, *, account: str | None) -> _Response:
    if operation not in service.answers:
        raise ServiceError(
            "UnknownOperationException",
            f"The stand-in for Rekognition does not know {operation or 'the request'}; "
            f"it knows {', '.join(service.answers)}",
        )
    if not service.limit.admits(operation):
        raise ServiceError("ProvisionedThroughputExceededException", "Provisioned rate exceeded")
    try:
        parameters = json.loads(body)
    except ValueError as error:
        raise ServiceError("SerializationException", "The request is not JSON") from error
    request = parse_request(operation, parameters)
    source = read_image(request["Image"], s3=service.s3.of(account))
    served = service.fixtures.reply(operation, key=source.key, sha256=hashlib.sha256(source.data).hexdigest())
    if served is None:
        least_side = _LEAST_SIDE_OF_TEXT if operation == "DetectText" else _LEAST_SIDE
        with service.at_work:
            image = decode_image(source.data, least_side=least_side)
            return _Response(body=service.answers[operation](request, image))
    if isinstance(served.outcome, ServiceError):
        return _refusal(served.outcome, fixture=served.fixture)
    return _Response(body=served.outcome, fixture=served.fixture)


def _refusal(error: ServiceError, *, fixture: str | None = None) -> _Response:
    return _Response(
        body={"__type": error.code, "message": error.message, "Message": error.message},
        status=HTTPStatus.INTERNAL_SERVER_ERROR if error.code in _FAULTS else HTTPStatus.BAD_REQUEST,
        error=error.code,
        fixture=fixture,
    )


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = _IDLE_SECONDS
    wbufsize = -1
    server: _Server

    def do_POST(self) -> None:
        began, came_at = time.monotonic(), time.time_ns() // 1_000_000
        body = self._read_body()
        if body is None:
            return
        operation = self.headers.get("X-Amz-Target", "").removeprefix(_TARGET_PREFIX)
        try:
            response = _detect(self.server.service, operation, body, account=self.headers.get(ACCOUNT_HEADER))
        except ServiceError as error:
            response = _refusal(error)
        except Exception:
            _log.exception("%s broke", operation)
            response = _refusal(ServiceError("InternalServerError", "The stand-in broke: see its log"))
        self.server.service.calls.add(operation, came_at=came_at, error=response.error)
        # Neither keys nor labels: logs contain nothing about the people in images.
        _log.info(
            "%s %s in %.0f ms%s",
            operation,
            response.error or "answered",
            (time.monotonic() - began) * 1000,
            f" by the fixture {response.fixture}" if response.fixture else "",
        )
        self._send(response)

    def do_GET(self) -> None:
        if self.path == "/healthz":
            self._send(_Response(body={"status": "ready", "operations": OPERATIONS}))
        elif self.path == FIXTURES_PATH:
            self._send(_Response(body=self.server.service.fixtures.sources()))
        elif self.path == LIMITS_PATH:
            self._send(_Response(body=self.server.service.limit.source()))
        elif self.path == CALLS_PATH:
            self._send(_Response(body=self.server.service.calls.summary()))
        else:
            self._send(_nothing_here())

    def do_PUT(self) -> None:
        body = self._read_body()
        if body is None:
            return
        self._send(self._put(body))

    def _put(self, body: bytes) -> _Response:
        book, limit, name = self.server.service.fixtures, self.server.service.limit, self._fixture_name()
        try:
            if self.path == LIMITS_PATH:
                limit.change(parse_limit(json.loads(body)))
                return _Response(body=limit.source())
            if self.path == FIXTURES_PATH:
                book.replace(parse_fixtures(json.loads(body), operations=OPERATIONS))
            elif name is not None:
                book.put(name, parse_fixture(name, json.loads(body), operations=OPERATIONS))
            else:
                return _nothing_here()
        except InvalidLimitError as error:
            return _refusal(ServiceError("InvalidLimit", str(error)))
        except InvalidFixtureError as error:
            return _refusal(ServiceError("InvalidFixture", str(error)))
        except ValueError as error:
            return _refusal(ServiceError("SerializationException", f"not JSON: {error}"))
        return _Response(body=book.sources())

    def do_DELETE(self) -> None:
        name = self._fixture_name()
        try:
            if name is None:
                raise KeyError
            self.server.service.fixtures.remove(name)
        except KeyError:
            self._send(_nothing_here())
        else:
            self._send(_Response(body=self.server.service.fixtures.sources()))

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name in http.server
        """Log nothing: the lines above already say it."""

    def _fixture_name(self) -> str | None:
        prefix = f"{FIXTURES_PATH}/"
        return unquote(self.path.removeprefix(prefix)) if self.path.startswith(prefix) else None

    def _read_body(self) -> bytes | None:
        """Read the body. None if it is refused, which ends the connection."""
        length = self.headers.get("Content-Length", "")
        if not length.isdecimal() or int(length) > _MAX_BODY_BYTES:
            self.close_connection = True
            self._send(_refusal(ServiceError("ValidationException", f"A body has 0 to {_MAX_BODY_BYTES} bytes")))
            return None
        return self.rfile.read(int(length))

    def _send(self, response: _Response) -> None:
        body = json.dumps(response.body).encode()
        self.send_response(response.status)
        self.send_header("Content-Type", "application/x-amz-json-1.1")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("x-amzn-RequestId", str(uuid.uuid4()))
        if response.error is not None:
            self.send_header("x-amzn-ErrorType", response.error)
        if response.fixture is not None:
            self.send_header("x-safelight-fixture", response.fixture)
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()


def _nothing_here() -> _Response:
    return _Response(body={"message": "There is nothing here"}, status=HTTPStatus.NOT_FOUND, error="NotFound")
