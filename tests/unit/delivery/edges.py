"""What happens to a request at the edge: by the edge function, in Node.js, and by the contracts, in Python."""

import atexit
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from safelight.delivery.edge import edge_code
from safelight_contracts.delivery.accept import accepted_type
from safelight_contracts.delivery.refusals import Refusal, RequestRefusedError
from safelight_contracts.delivery.request_urls import split_url
from safelight_contracts.delivery.result_keys import result_key
from safelight_contracts.delivery.settings import ACCEPTS_HEADER, URL_HEADER, Signing
from safelight_contracts.delivery.signatures import check_signature

ROOT = Path(__file__).parents[3]
NODE_PATH = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
NOW = 1_800_000_000
"""Seconds since 1970, for the contracts. The edge function has its own clock, so tests use times far from both."""


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """What an edge function is told. Its defaults permit signatures."""

    scope: str = "a delivery"
    bucket: str = "the-source"
    signing: Signing = Signing.OPTIONAL
    presets_with_type: frozenset[str] = frozenset({"card"})
    generation: str = "0f1e2d3c"
    keys: Mapping[str, str] = field(default_factory=lambda: {"key-1": "k" * 32, "key-2": "l" * 32})

    @property
    def code(self) -> str:
        """The code as it is deployed: without lines of comments and indents, with the settings."""
        settings = {
            "scope": self.scope,
            "bucket": self.bucket,
            "signing": self.signing,
            "typedPresets": sorted(self.presets_with_type),
            "generation": self.generation,
        }
        written = json.dumps(settings, separators=(",", ":"))
        return edge_code("edge.js").replace("const SETTINGS = {};", f"const SETTINGS = {written};")


@dataclass(frozen=True, kw_only=True)
class Request:
    """A viewer's request, encoded as the viewer sent it."""

    path: str
    query: str = ""
    method: str = "GET"
    accept: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def event(self) -> dict[str, Any]:
        """The event of an edge function, in which names and values of the query are still encoded."""
        values: dict[str, list[dict[str, str]]] = {}
        for name, _, value in (pair.partition("=") for pair in self.query.split("&") if pair):
            values.setdefault(name, []).append({"value": value})
        querystring = {
            name: given[0] | ({"multiValue": given} if len(given) > 1 else {}) for name, given in values.items()
        }
        headers = dict(self.headers) | ({} if self.accept is None else {"accept": self.accept})
        return {
            "context": {"requestId": "a request"},
            "request": {
                "method": self.method,
                "uri": self.path,
                "querystring": querystring,
                "headers": {name: {"value": value} for name, value in headers.items()},
                "cookies": {},
            },
        }


@dataclass(frozen=True, kw_only=True)
class Refused:
    refusal: Refusal
    status: int
    cache_control: str
    parameter: str | None


@dataclass(frozen=True, kw_only=True)
class Forwarded:
    path: str
    address: str
    accepted: str


def at_the_edge(request: Request, delivery: Delivery) -> Forwarded | Refused:
    """Ask the edge function."""
    return all_at_the_edge([request], delivery)[0]


def all_at_the_edge(requests: Sequence[Request], delivery: Delivery) -> list[Forwarded | Refused]:
    """Ask the edge function about each of the requests."""
    answers = run(delivery.code, [request.event for request in requests], keys=delivery.keys)["answers"]
    return [_outcome(answer) for answer in answers]


def answer_at_the_edge(request: Request, delivery: Delivery) -> dict[str, Any]:
    """Ask the edge function, and return its request or response."""
    answer: dict[str, Any] = run(delivery.code, [request.event], keys=delivery.keys)["answers"][0]
    return answer


def by_the_contracts(request: Request, delivery: Delivery) -> Forwarded | Refused:
    """Do what the edge function must do."""
    try:
        if request.method not in ("GET", "HEAD"):
            raise RequestRefusedError(Refusal.METHOD_NOT_ALLOWED, "Send GET or HEAD.")
        url = split_url(request.path, request.query)
        check_signature(url, scope=delivery.scope, signing=delivery.signing, keys=delivery.keys, now=NOW)
    except RequestRefusedError as error:
        return Refused(
            refusal=error.refusal,
            status=error.refusal.status,
            cache_control=error.refusal.cache_control,
            parameter=error.parameter,
        )
    accepted = accepted_type(request.accept or "")
    key = result_key(
        url,
        bucket=url.bucket or delivery.bucket,
        accepted=accepted,
        presets_with_type=delivery.presets_with_type,
        generation=delivery.generation,
    )
    return Forwarded(path=f"/{key}", address=url.address, accepted=accepted)


def _outcome(answer: Mapping[str, Any]) -> Forwarded | Refused:
    """Read what an edge function returned."""
    if "statusCode" in answer:
        body = json.loads(answer["body"]["data"])
        return Refused(
            refusal=Refusal(body["error"]),
            status=answer["statusCode"],
            cache_control=answer["headers"]["cache-control"]["value"],
            parameter=body.get("parameter"),
        )
    assert answer["querystring"] == {}
    headers = {name: header["value"] for name, header in answer["headers"].items()}
    return Forwarded(path=answer["uri"], address=headers[URL_HEADER], accepted=headers[ACCEPTS_HEADER])


def run(code: str, events: Sequence[Mapping[str, Any]], *, keys: Mapping[str, str]) -> dict[str, Any]:
    """Run an edge function for each of the events: ``answers``, and ``milliseconds`` of all together."""
    process, loaded = _runner()
    function = (code, tuple(keys.items()))
    question: dict[str, Any] = {"id": loaded.get(function, len(loaded)), "events": events}
    if function not in loaded:
        loaded[function] = len(loaded)
        question |= {"code": code, "keys": dict(keys)}
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(json.dumps(question) + "\n")
    process.stdin.flush()
    done: dict[str, Any] = json.loads(process.stdout.readline())
    return done


@cache
@cache
def _runner() -> "tuple[subprocess.Popen[str], dict[tuple[str, tuple[tuple[str, str], ...]], int]]":
    """Return the process of Node.js, and the numbers of the functions that it has."""
    node = shutil.which("node", path=NODE_PATH)
    assert node is not None, "Node.js is not installed: run 'make setup'"
    command = [node, str(Path(__file__).with_name("edge_runner.mjs"))]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8")
    atexit.register(process.kill)
    return process, {}
