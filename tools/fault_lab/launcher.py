"""Starts the emulator with faults in front of its services.

Run as ``python -m tools.fault_lab.launcher --port PORT``. It accepts fault rules over HTTP:

====== ========================== =============================================
PUT    ``/_safelight/faults/NAME`` a rule, as JSON
DELETE ``/_safelight/faults/NAME`` removes a rule
GET    ``/_safelight/faults``      the number of calls that matched each rule
====== ========================== =============================================
"""

import asyncio
import json
import threading
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any
from urllib.parse import parse_qs, unquote

from tools.fault_lab.answers import answer, error_name
from tools.fault_lab.rules import STATE_MACHINE, Call, Fault, RuleBook, parse_rule

from safelight_local.emulator import launcher

CONTROL = "/_safelight/faults"

# ASGI's.
Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Mapping[str, Any], Receive, Send], Awaitable[None]]

# Longer than any client waits.
_SILENT_SECONDS = 20.0
_POLL_SECONDS = 0.05
# The number of bytes of the declared length that a broken answer omits.
_MISSING_BYTES = 1024
_TARGETS = {
    "DynamoDB_20120810": "dynamodb",
    "AWSEvents": "events",
    "RekognitionService": "rekognition",
    "AWSStepFunctions": "states",
}
# S3 calls on a whole bucket, by a parameter of their query string.
_S3_BUCKET_CALLS = {"versions": "s3:ListObjectVersions", "delete": "s3:DeleteObjects"}


class ConnectionReset(Exception):  # noqa: N818 - no error, but what the server ends the connection by
    """Makes the server close a connection in the middle of an answer."""


def meet_faults(app: App, *, rules: RuleBook, invocations: "Invocations") -> App:
    """Wrap the emulator so that calls of functions get the faults of a rule book.

    `app`: ``ministack.app.app``.
    `rules`: the active rules. The wrapped app changes them on request.
    """

    async def with_faults(scope: Mapping[str, Any], receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await app(scope, receive, send)
            return
        body = await _body(receive)
        if scope["path"].startswith(CONTROL):
            await _respond(send, *_control(rules, scope, body))
            return
        call = _call(scope, body, invocations=invocations)
        met = rules.take(call) if call else None
        again = _once(body, receive)
        if call is None or met is None:
            await app(scope, again, send)
            return
        match met.fault:
            case Fault.HELD:
                while not met.removed.is_set():
                    await asyncio.sleep(_POLL_SECONDS)
                await app(scope, again, send)
            case Fault.TIMED_OUT:
                await asyncio.sleep(_SILENT_SECONDS)
            case Fault.KILLED:
                invocations.kill(call.text)
                await asyncio.sleep(_SILENT_SECONDS)
            case Fault.BROKEN_OFF:
                await app(scope, again, _breaking_off(send))
            case _:
                status, media_type, text = answer(met.fault, operation=call.operation)
                await _respond(send, status, media_type, b"" if scope["method"] == "HEAD" else text)

    return with_faults


def meet_faults_in_states(
    invoke: Callable[[str, Any], Any], *, rules: RuleBook, error: Callable[[str, str], Exception]
) -> Callable[[str, Any], Any]:
    """Wrap the calls of a state's resource so that they get the faults of a rule book.

    `invoke`: ``ministack.services.stepfunctions._invoke_resource``.
    `error`: ``ministack.services.stepfunctions._ExecutionError``, of a name and a cause.
    """

    def invoke_with_faults(resource: str, arguments: Any) -> Any:
        operation = resource.rpartition(":::")[2]
        met = rules.take(Call(caller=STATE_MACHINE, operation=operation, text=json.dumps(arguments)))
        if met is None:
            return invoke(resource, arguments)
        if met.fault is Fault.HELD:
            met.removed.wait()
            return invoke(resource, arguments)
        if met.fault is Fault.BROKEN_OFF:
            invoke(resource, arguments)
        raise error(error_name(met.fault, operation=operation), "A fault, put here by a test")

    return invoke_with_faults


class Invocations:
    """The running invocations, their worker processes, and the keys of their uploads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._running: dict[str, Any] = {}
        self._keys: dict[str, str] = {}

    def noticing(self, invoke: Callable[..., Any]) -> Callable[..., Any]:
        """Wrap ``ministack.core.lambda_runtime.Worker.invoke`` so that a worker is known by its upload's key."""

        def invoke_and_notice(
            worker: Any, event: Any, *arguments: Any, trace_id: str | None = None, **options: Any
        ) -> Any:
            key = event.get("image", {}).get("key") if isinstance(event, dict) else None
            with self._lock:
                self._running[key or ""] = worker
                if trace_id and key:
                    self._keys[trace_id] = key
            return invoke(worker, event, *arguments, trace_id=trace_id, **options)

        return invoke_and_notice

    def key_of(self, trace_id: str) -> str:
        """Return the key of the upload that an invocation handles. Empty if it handles none.

        `trace_id`: X-Ray's, which the SDK sends with each call of the invocation.
        """
        with self._lock:
            return self._keys.get(trace_id, "")

    def kill(self, text: str) -> None:
        """End the process of the function whose upload's key is in a call's text."""
        with self._lock:
            workers = [worker for key, worker in self._running.items() if key and key in text]
        for worker in workers:
            worker._proc.kill()


def _once(body: bytes, receive: Receive) -> Receive:
    given = False

    async def receive_again() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return receive_again


async def _body(receive: Receive) -> bytes:
    parts = []
    while True:
        message = await receive()
        parts.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(parts)


def _breaking_off(send: Send) -> Send:
    start: Message = {}

    async def send_half(message: Message) -> None:
        if message["type"] == "http.response.start":
            start.update(message)
            return
        body = message.get("body", b"")
        headers = [(name, value) for name, value in start["headers"] if name.lower() != b"content-length"]
        headers.append((b"content-length", str(len(body) + _MISSING_BYTES).encode()))
        await send({**start, "headers": headers})
        await send({"type": "http.response.body", "body": body[: len(body) // 2], "more_body": True})
        raise ConnectionReset

    return send_half


async def _respond(send: Send, status: int, media_type: str, body: bytes) -> None:
    headers = [(b"content-type", media_type.encode()), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": False})


def _control(rules: RuleBook, scope: Mapping[str, Any], body: bytes) -> tuple[int, str, bytes]:
    name = scope["path"].removeprefix(CONTROL).removeprefix("/")
    match scope["method"]:
        case "PUT":
            rules.put(name, parse_rule(json.loads(body)))
        case "DELETE":
            rules.remove(name)
    return 200, "application/json", json.dumps(rules.met()).encode()


def _call(scope: Mapping[str, Any], body: bytes, *, invocations: Invocations) -> Call | None:
    """Parse a function's call. None for other callers."""
    from ministack.core.iam_evaluator import request_caller_arn

    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
    query = parse_qs(scope["query_string"].decode(), keep_blank_values=True)
    caller = request_caller_arn(headers, query)
    if ":assumed-role/" not in caller:
        return None
    return parse_call(
        caller=caller.rpartition("/")[2],
        method=scope["method"],
        path=unquote(scope["path"]),
        query=query,
        headers=headers,
        body=body,
        upload=invocations.key_of(headers.get("x-amzn-trace-id", "")),
    )


def parse_call(
    *,
    caller: str,
    method: str,
    path: str,
    query: Mapping[str, Sequence[str]],
    headers: Mapping[str, str],
    body: bytes,
    upload: str,
) -> Call:
    """Parse the operation of an HTTP request.

    `body`: its body. The content of a written object is not part of the call's text.
    `upload`: the key of the upload that the caller handles. A call may have only the bytes of an image.
    """
    target, _, operation = headers.get("x-amz-target", "").partition(".")
    whole = next((named for part, named in _S3_BUCKET_CALLS.items() if part in query), None)
    if target:
        named = f"{_TARGETS.get(target, target)}:{operation}"
    elif whole:
        named = whole
    else:
        verb = "Copy" if "x-amz-copy-source" in headers else method.capitalize()
        named = f"s3:{verb}Object"
    bodies = [body.decode("utf-8", errors="replace")] if target or whole else []
    return Call(caller=caller, operation=named, text=" ".join([path, *query.get("prefix", ()), *bodies, upload]))


def _install() -> None:
    from ministack import app
    from ministack.core import lambda_runtime
    from ministack.services import stepfunctions

    rules, invocations = RuleBook(), Invocations()
    lambda_runtime.Worker.invoke = invocations.noticing(lambda_runtime.Worker.invoke)
    stepfunctions._invoke_resource = meet_faults_in_states(
        stepfunctions._invoke_resource, rules=rules, error=stepfunctions._ExecutionError
    )
    app.app = meet_faults(app.app, rules=rules, invocations=invocations)


if __name__ == "__main__":
    launcher.main(change_further=_install)
