"""The console's HTTP server, on loopback.

Like the stand-in for Rekognition it is the standard library's: one page and a few requests a second of one user need
no framework, and a server of the lock (hypercorn comes with the emulator) would bring an application's interface and
an event loop around clients that block. What keeps others out is in `guard`, whichever library serves.
"""

import json
import logging
import shutil
import tempfile
from collections.abc import Callable, Mapping
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from importlib.resources import files
from socketserver import ThreadingTCPServer
from urllib.parse import parse_qs, urlsplit

from botocore.exceptions import BotoCoreError, ClientError

from safelight_local.console.api import Api, NotFoundError
from safelight_local.console.guard import Guard
from safelight_local.console.pictures import NoPictureError
from safelight_local.console.uploads import MOST_BYTES
from safelight_local.diagram.style import STYLE_SHEET
from safelight_local.emulator.servers import LOOPBACK
from safelight_local.errors import UserError

_IDLE_SECONDS = 60
_CHUNK = 256 * 1024
_TYPES = {"html": "text/html", "css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}
_FOREIGN = "Open the address that safelight console printed when it started: it has changed if you started it again."
_SAFETY = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
}
# A picture that is opened by itself is a document: one that may do nothing.
_OF_PICTURES = {"Content-Security-Policy": "default-src 'none'; sandbox; frame-ancestors 'none'"}

_log = logging.getLogger(__name__)

_Query = Mapping[str, str]


class ConsoleServer(ThreadingTCPServer):
    """The server, listening from the moment it is made.

    Parameters
    ----------
    api : Api
        What answers.
    port : int
        A loopback port; 0 has a free one chosen.

    Raises
    ------
    UserError
        When the port is in use, reserved or out of range.
    """

    # Not ThreadingHTTPServer: it looks up the name of its own address, which takes seconds on some networks.
    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, api: Api, *, port: int) -> None:
        try:
            super().__init__((LOOPBACK, port), _Handler)
        except (OSError, OverflowError) as error:
            reason = error.strerror if isinstance(error, OSError) else "not a port number"
            raise UserError(f"port {port} cannot be used ({reason}): name another with --port") from error
        self.api = api
        self.guard = Guard(port=self.server_address[1])

    @property
    def url(self) -> str:
        """The address to open."""
        return f"http://{LOOPBACK}:{self.guard.port}/?token={self.guard.token}"

    def handle_error(self, request: object, client_address: object) -> None:  # noqa: ARG002 - socketserver's
        """Log a connection that broke: a browser that has gone on is no error."""
        _log.debug("a connection broke off", exc_info=True)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = _IDLE_SECONDS
    wbufsize = -1
    server: ConsoleServer

    def do_GET(self) -> None:
        address = urlsplit(self.path)
        query = {name: values[-1] for name, values in parse_qs(address.query).items()}
        if not self._is_welcome(query):
            return
        if address.path == "/" and "token" in query:
            # Out of the address bar and the history, into the cookie.
            self._send(
                HTTPStatus.SEE_OTHER, b"", "text/plain", {"Location": "/", "Set-Cookie": self._guard.set_cookie()}
            )
        elif address.path == "/":
            self._send_file("index.html")
        elif address.path == "/page/diagram.css":
            self._send(HTTPStatus.OK, STYLE_SHEET.encode(), "text/css")
        elif address.path.startswith("/page/"):
            self._send_file(address.path.removeprefix("/page/"))
        elif address.path == "/picture":
            self._send_picture(query)
        else:
            self._answer(self._read_routes(query).get(address.path))

    def do_POST(self) -> None:
        address = urlsplit(self.path)
        query = {name: values[-1] for name, values in parse_qs(address.query).items()}
        # A body that is not read would be taken for the next request.
        self.close_connection = True
        if not self._is_welcome({}):
            return
        if "Origin" not in self.headers:
            self._refuse("the console answers to its own page only")
        elif address.path == "/api/older":
            self._answer(lambda: self.server.api.older(query["workflow"]))
        elif address.path == "/api/uploads":
            self._take_upload(query)
        else:
            self._answer(None)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name in http.server
        """Log nothing: keys of uploads are in the addresses."""

    @property
    def _guard(self) -> Guard:
        return self.server.guard

    def _read_routes(self, query: _Query) -> dict[str, Callable[[], object]]:
        api = self.server.api
        return {
            "/api/start": api.start,
            "/api/workflow": lambda: api.workflow(query["workflow"]),
            "/api/executions": lambda: api.executions(query["workflow"], since=int(query.get("since", "0"))),
            "/api/execution": lambda: api.execution(query["workflow"], arn=query["arn"]),
            "/api/diagram": lambda: {"svg": api.diagram(query["name"])},
        }

    def _is_welcome(self, query: _Query) -> bool:
        headers = {name.lower(): value for name, value in self.headers.items()}
        refusal = self._guard.refusal(headers)
        if refusal is None and not (self._guard.knows(headers) or self._guard.is_token(query.get("token", ""))):
            refusal = _FOREIGN
        if refusal is not None:
            self._refuse(refusal)
        return refusal is None

    def _refuse(self, reason: str) -> None:
        self._send(HTTPStatus.FORBIDDEN, reason.encode(), "text/plain")

    def _answer(self, ask: Callable[[], object] | None) -> None:
        try:
            if ask is None:
                raise NotFoundError("there is nothing here")
            status, answer = HTTPStatus.OK, ask()
        except NotFoundError as error:
            status, answer = HTTPStatus.NOT_FOUND, {"error": str(error)}
        except (KeyError, ValueError):
            status, answer = HTTPStatus.BAD_REQUEST, {"error": "something is missing in the request"}
        except (UserError, NoPictureError) as error:
            status, answer = HTTPStatus.CONFLICT, {"error": str(error)}
        except (BotoCoreError, ClientError) as error:
            status, answer = HTTPStatus.BAD_GATEWAY, {"error": str(error)}
        self._send(status, json.dumps(answer).encode(), "application/json")

    def _send_file(self, name: str) -> None:
        suffix = name.rpartition(".")[2]
        folder = files("safelight_local.console") / "page"
        # By name among those that there are: nothing that a request says becomes a path.
        found = next((file for file in folder.iterdir() if file.name == name and suffix in _TYPES), None)
        if found is None:
            self._answer(None)
        else:
            self._send(HTTPStatus.OK, found.read_bytes(), f"{_TYPES[suffix]}; charset=utf-8")

    def _send_picture(self, query: _Query) -> None:
        try:
            picture = self.server.api.picture(arn=query.get("arn", ""), name=query.get("name", ""))
        except (NotFoundError, NoPictureError) as error:
            self._send(HTTPStatus.NOT_FOUND, str(error).encode(), "text/plain")
            return
        except (BotoCoreError, ClientError) as error:
            self._send(HTTPStatus.BAD_GATEWAY, str(error).encode(), "text/plain")
            return
        with picture.rest:
            self._send_head(HTTPStatus.OK, picture.content_type, picture.length, _OF_PICTURES)
            self.wfile.write(picture.head)
            shutil.copyfileobj(picture.rest, self.wfile, _CHUNK)

    def _take_upload(self, query: _Query) -> None:
        length = self.headers.get("Content-Length", "")
        if not length.isdecimal() or int(length) > MOST_BYTES:
            reason = f"a file may have {MOST_BYTES // 1024 // 1024} MB"
            self._send(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, json.dumps({"error": reason}).encode(), "application/json")
            return
        with tempfile.TemporaryFile() as body:
            left = int(length)
            while left and (chunk := self.rfile.read(min(left, _CHUNK))):
                body.write(chunk)
                left -= len(chunk)
            body.seek(0)
            self._answer(
                lambda: self.server.api.upload(
                    query["workflow"], file_name=query["name"], place_type=query["placeType"], body=body
                )
            )

    def _send(
        self, status: HTTPStatus, body: bytes, content_type: str, headers: Mapping[str, str] | None = None
    ) -> None:
        self._send_head(status, content_type, len(body), headers or {})
        self.wfile.write(body)
        self.wfile.flush()

    def _send_head(self, status: HTTPStatus, content_type: str, length: int, headers: Mapping[str, str]) -> None:
        self.send_response(status)
        if self.close_connection:
            self.send_header("Connection", "close")
        for name, value in (_SAFETY | dict(headers)).items():
            self.send_header(name, value)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(length))
        self.end_headers()
