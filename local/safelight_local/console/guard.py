"""Who may ask the console's server what: the browser that opened its address, on this machine, from its own page."""

import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.cookies import CookieError, SimpleCookie

_BYTES_OF_TOKEN = 24


@dataclass(frozen=True, kw_only=True)
class Guard:
    """What a request must have.

    Attributes
    ----------
    port : int
        The server's port.
    token : str
        A secret of this process. The address that is opened has it, and the cookie that this address sets: another
        user of the machine can reach the port, and has neither.
    """

    port: int
    token: str = field(default_factory=lambda: secrets.token_urlsafe(_BYTES_OF_TOKEN))

    @property
    def cookie(self) -> str:
        """The cookie's name: browsers share cookies between the ports of a host."""
        return f"safelight-{self.port}"

    def set_cookie(self) -> str:
        """Write the header that sets the cookie: for no script, and for no request that another site makes."""
        return f"{self.cookie}={self.token}; HttpOnly; SameSite=Strict; Path=/"

    def is_token(self, given: str) -> bool:
        """Tell whether that is the token, in a time that tells nothing of it."""
        return hmac.compare_digest(given.encode(), self.token.encode())

    def refusal(self, headers: Mapping[str, str]) -> str | None:
        """Say why a request is refused, before its token is looked at.

        Parameters
        ----------
        headers : Mapping[str, str]
            The request's, with their names in small letters.

        Returns
        -------
        str or None
            None for a request to this host by its own name (a name that somebody else's server gave for 127.0.0.1 is
            another), and from no other site's page.
        """
        own = {f"127.0.0.1:{self.port}", f"localhost:{self.port}"}
        if headers.get("host") not in own:
            return "the console answers to 127.0.0.1 and localhost only"
        origin = headers.get("origin")
        if origin is not None and origin not in {f"http://{host}" for host in own}:
            return "the console answers to its own page only"
        if headers.get("sec-fetch-site", "none") not in ("none", "same-origin"):
            return "the console answers to its own page only"
        return None

    def knows(self, headers: Mapping[str, str]) -> bool:
        """Tell whether a request has the cookie."""
        try:
            found = SimpleCookie(headers.get("cookie", "")).get(self.cookie)
        except CookieError:
            return False
        return found is not None and self.is_token(found.value)
