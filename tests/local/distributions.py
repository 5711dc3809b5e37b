"""Requests of viewers to the emulator's CloudFront."""

import http.client
import json
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from safelight_local.emulator.endpoints import Endpoints


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a viewer gets. Header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


def fetch(
    endpoints: Endpoints,
    domain: str,
    target: str,
    *,
    method: str = "GET",
    headers: Mapping[str, str] | None = None,
    body: bytes | None = None,
) -> Answer:
    """Send one request to a distribution.

    Parameters
    ----------
    endpoints : Endpoints
        Of the emulator.
    domain : str
        The distribution's ``DomainName``.
    target : str
        The path and the query string. They are sent as they are: nothing is encoded or normalised.
    method : str, optional
        Default: ``GET``.
    headers : Mapping[str, str], optional
        Sent beside ``Host``. Default: none.
    body : bytes, optional
        Default: none.
    """
    address = urlsplit(endpoints.url)
    trusted = ssl.create_default_context(cafile=str(endpoints.ca_bundle))
    connection = http.client.HTTPSConnection(str(address.hostname), address.port, context=trusted, timeout=120)
    try:
        connection.request(method, target, body=body, headers={"Host": domain, **(headers or {})})
        response = connection.getresponse()
        named = {name.lower(): value for name, value in response.getheaders()}
        return Answer(status=response.status, headers=named, body=response.read())
    finally:
        connection.close()
