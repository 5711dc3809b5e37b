"""Access to the console's server: only the browser that opened its address, on this machine, from its own page."""

import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qs

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_FOREIGN = "Open the address that safelight console printed when it started: it has changed if you started it again."
_OTHER_PAGE = "the console answers to its own page only"
_SAFETY = {
    b"cache-control": b"no-store",
    b"x-content-type-options": b"nosniff",
    b"referrer-policy": b"no-referrer",
    b"cross-origin-resource-policy": b"same-origin",
    b"cross-origin-opener-policy": b"same-origin",
    b"content-security-policy": (
        b"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; media-src 'self'; "
        b"connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
}
_BYTES_OF_TOKEN = 24


@dataclass(frozen=True, kw_only=True)
class Guard:
    """What requests must have.

    `token`: a secret of this process. The address that is opened has it, and the cookie that this address sets: another
    user of the machine can reach the port, and has neither.
    """

    port: int
    token: str = field(default_factory=lambda: secrets.token_urlsafe(_BYTES_OF_TOKEN))

    @property
    def cookie(self) -> str:
        """The cookie's name: browsers share cookies between the ports of a host."""
        return f"safelight-{self.port}"

    def set_cookie(self) -> str:
        """Return the header that sets the cookie. Scripts cannot read it; other sites cannot send it."""
        return f"{self.cookie}={self.token}; HttpOnly; SameSite=Strict; Path=/"

    def is_token(self, given: str) -> bool:
        """Whether this is the token. The time that it takes does not depend on the token."""
        return hmac.compare_digest(given.encode(), self.token.encode())

    def refusal(self, headers: Mapping[str, str]) -> str | None:
        """Check a request before its token.

        Returns None for a request to this host by its own name (a name that somebody else's server gave for 127.0.0.1
        is another), and from no other site's page.
        """
        own = {f"127.0.0.1:{self.port}", f"localhost:{self.port}"}
        if headers.get("host") not in own:
            return "the console answers to 127.0.0.1 and localhost only"
        origin = headers.get("origin")
        if origin is not None and origin not in {f"http://{host}" for host in own}:
            return _OTHER_PAGE
        if headers.get("sec-fetch-site", "none") not in ("none", "same-origin"):
            return _OTHER_PAGE
        return None

    def knows(self, headers: Mapping[str, str]) -> bool:
        """Whether a request has the cookie, beside any cookies of other servers on this host."""
        # SimpleCookie reads no cookie at all where another server's is malformed or named like an attribute.
        cookies = (cookie.strip().partition("=") for cookie in headers.get("cookie", "").split(";"))
        return any(name == self.cookie and self.is_token(value) for name, _, value in cookies)


def guarded(application: ASGIApp, *, guard: Guard) -> ASGIApp:
    """Wrap an application: refuse foreign requests, and add the security headers to every response.

    `application`: It gets only requests with the cookie, or with the token in the address that the browser opens.
    `guard`: what requests must have.

    Returns a response keeps a security header that the application sets itself.
    """

    async def respond(scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                own = {name.lower() for name, _ in message["headers"]}
                added = [(name, value) for name, value in _SAFETY.items() if name not in own]
                message["headers"] = [*message["headers"], *added]
            await send(message)

        refusal = _refusal(scope, guard=guard)
        refused = None if refusal is None else PlainTextResponse(refusal, status_code=403)
        await (refused or application)(scope, receive, send_with_headers)

    return respond


def _refusal(scope: Scope, *, guard: Guard) -> str | None:
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
    if refusal := guard.refusal(headers):
        return refusal
    if scope["method"] != "GET":
        if not guard.knows(headers):
            return _FOREIGN
        return None if "origin" in headers else _OTHER_PAGE
    token = parse_qs(scope["query_string"].decode("latin-1")).get("token", [""])[-1]
    return None if guard.knows(headers) or guard.is_token(token) else _FOREIGN
