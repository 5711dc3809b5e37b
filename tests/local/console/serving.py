"""A console that serves, and requests to it as its page sends them."""

import http.client
import json
import threading
from collections.abc import Iterator
from typing import Any

from safelight_local.console.api import Api
from safelight_local.console.server import ConsoleServer


def served(api: Api) -> Iterator[ConsoleServer]:
    with ConsoleServer(api, port=0) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def ask(
    server: ConsoleServer, path: str, *, method: str = "GET", body: bytes | None = None, **headers: str | None
) -> http.client.HTTPResponse:
    """Send a request as the page does. A header of None is omitted."""
    guard = server.guard
    own: dict[str, str | None] = {"Host": f"127.0.0.1:{guard.port}", "Cookie": f"{guard.cookie}={guard.token}"}
    if method == "POST":
        own["Origin"] = f"http://127.0.0.1:{guard.port}"
    given = own | {name.replace("_", "-"): value for name, value in headers.items()}
    connection = http.client.HTTPConnection("127.0.0.1", guard.port, timeout=300)
    connection.request(method, path, body, {name: value for name, value in given.items() if value is not None})
    return connection.getresponse()


def answer(response: http.client.HTTPResponse) -> Any:
    return json.loads(response.read())
