"""Requests of a viewer to a delivery: through CloudFront of AWS or of the emulator."""

import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPException
from typing import IO, Any
from urllib.error import HTTPError, URLError
from urllib.parse import urljoin, urlsplit
from urllib.request import (
    BaseHandler,
    HTTPRedirectHandler,
    HTTPSHandler,
    OpenerDirector,
    ProxyHandler,
    Request,
    build_opener,
)

from safelight_contracts.delivery.accept import AcceptedType
from safelight_local.aws.clients import Clients
from safelight_local.emulator.endpoints import Endpoints
from safelight_local.errors import UserError

MOST_BYTES = 64_000_000
"""Bytes of a result that are read."""

_SECONDS = 90
_ACCEPT = {
    AcceptedType.AVIF: "image/avif,image/webp,*/*;q=0.8",
    AcceptedType.WEBP: "image/webp,*/*;q=0.8",
    AcceptedType.PLAIN: "*/*",
}


@dataclass(frozen=True, kw_only=True)
class Fetched:
    """An answer of a delivery.

    Parameters
    ----------
    headers
        By names in lower case.
    seconds
        From the request, with its connection, to the last byte.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes
    seconds: float


def fetch(clients: Clients, *, base: str, target: str, accepted: AcceptedType) -> Fetched:
    """Fetch an image as a browser does, and follow one redirect, which a delivery sends for a large result.

    Parameters
    ----------
    base
        What the delivery's URLs begin with. No other host is asked.
    target
        Path and query.

    Raises
    ------
    UserError
        If there is no answer, or one of more than `MOST_BYTES`, or the delivery's URL is not one of HTTPS.
    """
    if not base.startswith("https://"):
        raise UserError(f"the URL of the delivery, {base}, does not begin with https://")
    opener = _opener(clients)
    started = time.perf_counter()
    try:
        answer = _ask(opener, clients, url=f"{base}{target}", accepted=accepted)
        there = urljoin(f"{base}{target}", answer.headers.get("location", ""))
        if answer.status in (302, 307) and urlsplit(there)[:2] == urlsplit(base)[:2]:
            answer = _ask(opener, clients, url=there, accepted=accepted)
    except (URLError, HTTPException, OSError) as error:
        raise UserError(f"the delivery does not answer: {error}") from error
    return Fetched(
        status=answer.status, headers=answer.headers, body=answer.body, seconds=time.perf_counter() - started
    )


def _ask(opener: OpenerDirector, clients: Clients, *, url: str, accepted: AcceptedType) -> Fetched:
    headers = {"Accept": _ACCEPT[accepted], "User-Agent": "safelight-console"}
    if isinstance(clients, Endpoints):
        # The emulator knows a distribution by the header: no DNS has its name.
        parts = urlsplit(url)
        headers["Host"] = parts.netloc
        url = f"{clients.url}{url.removeprefix(f'{parts.scheme}://{parts.netloc}')}"
    request = Request(url, headers=headers)  # noqa: S310 - a delivery's URL, or the emulator's
    try:
        with opener.open(request, timeout=_SECONDS) as answer:
            return _read(answer, status=answer.status)
    except HTTPError as answer:
        with answer:
            return _read(answer, status=answer.code)


def _read(answer: Any, *, status: int) -> Fetched:
    body: IO[bytes] = answer
    data = body.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise UserError(f"the image has more than {MOST_BYTES // 1_000_000} MB")
    headers = {name.lower(): value for name, value in answer.headers.items()}
    return Fetched(status=status, headers=headers, body=data, seconds=0)


def _opener(clients: Clients) -> OpenerDirector:
    handlers: list[BaseHandler] = [_NoRedirects()]
    if isinstance(clients, Endpoints):
        trusted = ssl.create_default_context(cafile=str(clients.ca_bundle))
        handlers += [ProxyHandler({}), HTTPSHandler(context=trusted)]
    return build_opener(*handlers)


class _NoRedirects(HTTPRedirectHandler):
    def redirect_request(self, *_request: Any, **_more: Any) -> None:
        return None
