"""Website endpoints of S3.

ministack keeps the website configuration of a bucket, and answers requests to its website endpoint like the REST API.
Here the endpoint serves index documents, follows the routing rules, answers errors as HTML, and accepts GET and HEAD
only. See "Website endpoints" and "Configuring webpage redirects" in the user guide of S3.

A missing object is 403 unless everybody may list the bucket, as in `missing_objects`.

The attribute ``WebsiteURL`` of a bucket is the endpoint's address on this machine, so that a stack can redirect viewers
to it. The endpoint has no TLS on AWS; the emulator serves it over HTTPS only.

Error documents, ``RedirectAllRequestsTo`` and the redirects of single objects are not implemented. AWS does not
document how it encodes the key in a redirect. Here each byte but letters, digits and ``-._~/`` is escaped.
"""

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from html import escape
from typing import Any
from urllib.parse import quote
from xml.etree import ElementTree

# Status, headers and body.
Answer = tuple[int, dict[str, Any], bytes]
Handle = Callable[..., Awaitable[Answer | None]]

_HOST = re.compile(r"([^:]+)\.s3-website[.-][a-z0-9-]+\.[^:]+(?::\d+)?")
_METHODS = ("GET", "HEAD")
_ERROR, _NOT_FOUND = 400, 404
_DENIED: Answer = (403, {}, b"<Code>AccessDenied</Code>")
_MOVED = 301


@dataclass(frozen=True, kw_only=True)
class RoutingRule:
    """A routing rule.

    Parameters
    ----------
    status
        The status of the error that it is for, as text. Default: it applies before the object is read.
    key_prefix
        What the key begins with. Default: every key.
    redirect
        The elements of ``Redirect``, by name.
    """

    status: str | None = None
    key_prefix: str = ""
    redirect: Mapping[str, str] = field(default_factory=dict)

    def location(self, key: str, *, host: str) -> str:
        """Return where a request for a key is redirected to."""
        to = self.redirect
        path = quote(key, safe="/")
        if "ReplaceKeyWith" in to:
            path = to["ReplaceKeyWith"]
        elif "ReplaceKeyPrefixWith" in to:
            path = to["ReplaceKeyPrefixWith"] + quote(key.removeprefix(self.key_prefix), safe="/")
        return f"{to.get('Protocol', 'http')}://{to.get('HostName', host)}/{path}"


def apply() -> None:
    """Patch the requests to buckets by their host names, and the addresses of websites."""
    from ministack import app
    from ministack.core.responses import get_region
    from ministack.services import s3
    from ministack.services.cloudformation import provisioners

    app._handle_s3_vhost_request = serving_websites(
        app._handle_s3_vhost_request, configuration_of=s3._bucket_websites.get, may_list=_may_everybody_list
    )
    attributes_of = provisioners._s3_attrs

    def with_local_website(name: str) -> dict[str, str]:
        host = f"{name}.s3-website-{get_region()}.{app._MINISTACK_HOST}:{app._MINISTACK_PORT}"
        return {**attributes_of(name), "WebsiteURL": f"https://{host}"}

    provisioners._s3_attrs = with_local_website


def serving_websites(
    handle: Handle, *, configuration_of: Callable[[str], str | None], may_list: Callable[[str, str], bool]
) -> Handle:
    """Wrap ministack's answer to virtual-hosted requests so that website endpoints answer as such.

    `handle`: ``ministack.app._handle_s3_vhost_request``. `configuration_of`: the website configuration of a bucket.
    `may_list`: whether everybody may list a bucket under a prefix.
    """

    async def handle_website(
        host: str, path: str, method: str, headers: dict[str, str], body: bytes, query_params: dict[str, Any]
    ) -> Answer | None:
        match = _HOST.fullmatch(host)
        if match is None:
            return await handle(host, path, method, headers, body, query_params)
        if method not in _METHODS:
            return _page(405, "MethodNotAllowed")
        configuration = configuration_of(match[1])
        if configuration is None:
            return _page(404, "NoSuchWebsiteConfiguration")
        index, rules = parse_configuration(configuration)
        key = path.removeprefix("/")
        for rule in rules:
            if rule.status is None and key.startswith(rule.key_prefix):
                return _redirect(rule, key, host=host)
        document = f"{path}{index}" if path.endswith("/") else path
        # The endpoint knows no parameters and no signatures.
        unsigned = {name: value for name, value in headers.items() if name.lower() != "authorization"}
        answer = await handle(host, document, method, unsigned, b"", {})
        if answer is None or answer[0] < _ERROR:
            return answer
        if answer[0] == _NOT_FOUND and not may_list(match[1], document.removeprefix("/")):
            answer = _DENIED
        for rule in rules:
            if rule.status == str(answer[0]) and key.startswith(rule.key_prefix):
                return _redirect(rule, key, host=host)
        return _page(answer[0], _code_of(answer[2]))

    return handle_website


def parse_configuration(text: str) -> tuple[str, list[RoutingRule]]:
    """Return the name of the index document, and the routing rules.

    `text`: the body of PutBucketWebsite.
    """
    root = ElementTree.fromstring(text)  # noqa: S314 - the emulator's own
    rules = []
    for rule in root.iterfind(".//{*}RoutingRule"):
        condition, redirect = (_texts(rule.find(f"{{*}}{name}")) for name in ("Condition", "Redirect"))
        rules.append(
            RoutingRule(
                status=condition.get("HttpErrorCodeReturnedEquals"),
                key_prefix=condition.get("KeyPrefixEquals", ""),
                redirect=redirect,
            )
        )
    return root.findtext(".//{*}IndexDocument/{*}Suffix", default=""), rules


def _may_everybody_list(bucket: str, prefix: str) -> bool:
    from ministack.services import s3

    owner = s3._bucket_owner_account(bucket)
    return bool(s3._foreign_bucket_allows(owner, bucket, "", "GET", {"list-type": ["2"], "prefix": [prefix]}, ""))


def _texts(parent: ElementTree.Element | None) -> dict[str, str]:
    return {child.tag.rpartition("}")[2]: child.text or "" for child in (() if parent is None else parent)}


def _redirect(rule: RoutingRule, key: str, *, host: str) -> Answer:
    return int(rule.redirect.get("HttpRedirectCode", _MOVED)), {"Location": rule.location(key, host=host)}, b""


def _code_of(body: bytes) -> str:
    match = re.search(rb"<Code>(\w+)</Code>", body)
    return match[1].decode() if match else "Error"


def _page(status: int, code: str) -> Answer:
    return (
        status,
        {"Content-Type": "text/html; charset=utf-8"},
        f"<html><h1>{status} {escape(code)}</h1></html>".encode(),
    )
