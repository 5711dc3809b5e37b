"""The console's HTTP server, on loopback: Starlette routes to `Api`, served by uvicorn.

Every request passes `guarded` first. Every response leaves through it, errors included.
"""

import socket
import tempfile
import threading
from collections.abc import Callable
from functools import partial
from importlib.resources import files
from types import TracebackType
from typing import Self

import uvicorn
from botocore.exceptions import BotoCoreError, ClientError
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import QueryParams
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from safelight_local.console.answers import json_answer, picture_answer
from safelight_local.console.api import Api
from safelight_local.console.guard import Guard, guarded
from safelight_local.console.missing import NotFoundError
from safelight_local.console.pictures import NoPictureError
from safelight_local.console.playground.routes import playground_routes
from safelight_local.console.redactions.routes import redaction_routes
from safelight_local.console.uploads import MOST_BYTES
from safelight_local.diagram.style import STYLE_SHEET
from safelight_local.errors import UserError
from safelight_local.servers import LOOPBACK

_IDLE_SECONDS = 60
_SECONDS_TO_END = 1
_TYPES = {"html": "text/html", "css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}
_STATUS_OF_ERRORS = {
    NotFoundError: 404,
    UserError: 409,
    NoPictureError: 409,
    BotoCoreError: 502,
    ClientError: 502,
}


class ConsoleServer:
    """The server. It listens from the moment it is made.

    `port`: a loopback port; 0 chooses a free one.

    Raises UserError if the port is in use, reserved or out of range.
    """

    def __init__(self, api: Api, *, port: int) -> None:
        self._socket = _listen(port)
        self._ended = threading.Event()
        self.guard = Guard(port=self.server_address[1])
        self._server = uvicorn.Server(
            uvicorn.Config(
                guarded(_application(api, guard=self.guard), guard=self.guard),
                http="h11",
                ws="none",
                lifespan="off",
                # Addresses contain keys of uploads: nothing is logged.
                log_config=None,
                log_level="critical",
                access_log=False,
                server_header=False,
                proxy_headers=False,
                timeout_keep_alive=_IDLE_SECONDS,
                timeout_graceful_shutdown=_SECONDS_TO_END,
            )
        )

    @property
    def server_address(self) -> tuple[str, int]:
        """The address and the port that it listens on."""
        host, port = self._socket.getsockname()
        return host, port

    @property
    def url(self) -> str:
        """The address to open."""
        return f"http://{LOOPBACK}:{self.guard.port}/?token={self.guard.token}"

    def serve_forever(self) -> None:
        """Answer requests until `shutdown`, or until Ctrl-C in the main thread."""
        try:
            self._server.run(sockets=[self._socket])
        finally:
            self._ended.set()

    def shutdown(self) -> None:
        """End `serve_forever`, which runs in another thread, and wait for it."""
        self._server.should_exit = True
        self._ended.wait()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._socket.close()


def _listen(port: int) -> socket.socket:
    listening = socket.socket()
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((LOOPBACK, port))
        listening.listen()
    except (OSError, OverflowError) as error:
        listening.close()
        reason = error.strerror if isinstance(error, OSError) else "not a port number"
        raise UserError(f"port {port} cannot be used ({reason}): choose another with --port") from error
    return listening


def _application(api: Api, *, guard: Guard) -> Starlette:
    def answer(ask: Callable[[QueryParams], object]) -> Callable[[Request], Response]:
        return lambda request: json_answer(ask(request.query_params))

    application = Starlette(
        routes=[
            Route("/", partial(_page, guard=guard)),
            Route("/page/diagram.css", lambda _: Response(STYLE_SHEET, media_type="text/css")),
            Route("/page/{name}", lambda request: _file(request.path_params["name"])),
            Route("/picture", partial(_picture, api=api)),
            Route("/api/start", answer(lambda _: api.start())),
            Route("/api/workflow", answer(lambda query: api.workflow(query["workflow"]))),
            Route(
                "/api/executions",
                answer(lambda query: api.executions(query["workflow"], since=int(query.get("since", "0")))),
            ),
            Route("/api/execution", answer(lambda query: api.execution(query["workflow"], arn=query["arn"]))),
            Route("/api/diagram", answer(lambda query: {"svg": api.diagram(query["name"])})),
            Route("/api/older", answer(lambda query: api.older(query["workflow"])), methods=["POST"]),
            Route("/api/uploads", partial(_upload, api=api), methods=["POST"]),
            Route("/delivery", lambda _: _file("delivery.html")),
            *playground_routes(api.playground),
            Route("/redactions", lambda _: _file("redactions.html")),
            *redaction_routes(api.redactions),
        ],
        exception_handlers={
            HTTPException: lambda _, error: json_answer({"error": "not found"}, status=error.status_code),
            KeyError: _explain_bad_request,
            ValueError: _explain_bad_request,
            **dict.fromkeys(_STATUS_OF_ERRORS, _explain),
        },
    )
    application.router.redirect_slashes = False
    return application


def _explain(_request: Request, error: Exception) -> Response:
    status = next(status for kind, status in _STATUS_OF_ERRORS.items() if isinstance(error, kind))
    return json_answer({"error": str(error)}, status=status)


def _explain_bad_request(_request: Request, _error: Exception) -> Response:
    return json_answer({"error": "the request lacks a parameter"}, status=400)


def _page(request: Request, *, guard: Guard) -> Response:
    if "token" in request.query_params:
        # Move the token from the address bar and the history into the cookie.
        return RedirectResponse("/", status_code=303, headers={"Set-Cookie": guard.set_cookie()})
    return _file("index.html")


def _file(name: str) -> Response:
    suffix = name.rpartition(".")[2]
    folder = files("safelight_local.console") / "page"
    # Look the name up among the files: no part of a request becomes a path.
    found = next((file for file in folder.iterdir() if file.name == name and suffix in _TYPES), None)
    if found is None:
        raise NotFoundError("not found")
    return Response(found.read_bytes(), media_type=_TYPES[suffix])


def _picture(request: Request, *, api: Api) -> Response:
    query = request.query_params
    try:
        picture = api.picture(arn=query.get("arn", ""), name=query.get("name", ""))
    except (NotFoundError, NoPictureError) as error:
        return PlainTextResponse(str(error), status_code=404)
    return picture_answer(picture)


async def _upload(request: Request, *, api: Api) -> Response:
    length = request.headers.get("content-length", "")
    if not length.isdecimal() or int(length) > MOST_BYTES:
        return json_answer({"error": f"a file may have {MOST_BYTES // 1024 // 1024} MB"}, status=413)
    query = request.query_params
    with tempfile.TemporaryFile() as body:
        async for chunk in request.stream():
            body.write(chunk)
        body.seek(0)
        ask = partial(api.upload, query["workflow"], file_name=query["name"], place_type=query["placeType"], body=body)
        return json_answer(await run_in_threadpool(ask))
