"""Paths and query strings that CloudFront and function URLs pass on.

ministack decodes the names and values of a query string for a CloudFront Function and encodes what the function
returns. CloudFront does neither: a function reads them as the viewer sent them, and its own go to the origin as they
are. ministack forwards a query string that a function returns as text even if no policy lists its parameters.

ministack decodes the ``rawPath`` in the event of a function URL, and rebuilds the ``rawQueryString``, which turns ``+``
into ``%20``. AWS passes both on as they were sent.
"""

from collections.abc import Awaitable, Callable, Iterable
from contextvars import ContextVar
from typing import Any

# An event.
Properties = dict[str, Any]
# Status, headers and body.
Answer = tuple[int, dict[str, Any], bytes]
# Name -> values.
Parameters = dict[str, list[str]]

_path: ContextVar[str | None] = ContextVar("path", default=None)
_query: ContextVar[str | None] = ContextVar("query", default=None)


def apply() -> None:
    """Patch the data plane of CloudFront and the events of function URLs."""
    from ministack import app
    from ministack.services import cloudfront, lambda_svc

    cloudfront.handle_viewer_request = _undecoded(cloudfront.handle_viewer_request)
    cloudfront._run_function = _with_parameters(cloudfront._run_function)
    cloudfront.urlencode = _joined
    cloudfront._fetch_from_function_url_origin = _keeping_query(cloudfront._fetch_from_function_url_origin)
    app._handle_special_data_plane_request = _keeping_target(app._handle_special_data_plane_request)
    app._handle_lambda_url_request = _with_kept_path(app._handle_lambda_url_request)
    lambda_svc._build_function_url_event = _with_kept_query(lambda_svc._build_function_url_event)


def parameters_of(query: str) -> Parameters:
    """Split a query string, without decoding it.

    `query`: without the question mark. A parameter without ``=`` has an empty value.
    """
    found: Parameters = {}
    for pair in filter(None, query.split("&")):
        name, _, value = pair.partition("=")
        found.setdefault(name, []).append(value)
    return found


def _undecoded(handle: Callable[..., Awaitable[Answer]]) -> Callable[..., Awaitable[Answer]]:
    async def handle_undecoded(
        distribution: Properties,
        method: str,
        path: str,
        raw_path: str,
        raw_query: str,
        headers: Properties,
        body: bytes,
        _decoded: object,
        *client: object,
    ) -> Answer:
        raw = parameters_of(raw_query)
        return await handle(distribution, method, path, raw_path, raw_query, headers, body, raw, *client)

    return handle_undecoded


def _with_parameters(
    run: Callable[[str, Properties], Awaitable[Any]],
) -> Callable[[str, Properties], Awaitable[Any]]:
    async def run_with_parameters(arn: str, event: Properties) -> Any:
        result = await run(arn, event)
        query = result.get("querystring") if isinstance(result, dict) else None
        return result | {"querystring": _fields(parameters_of(query))} if isinstance(query, str) else result

    return run_with_parameters


def _fields(parameters: Parameters) -> Properties:
    return {
        name: {"value": values[0], "multiValue": [{"value": value} for value in values]}
        for name, values in parameters.items()
    }


def _joined(pairs: Iterable[tuple[str, str]], **_settings: object) -> str:
    return "&".join(f"{name}={value}" for name, value in pairs)


def _keeping_target(handle: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
    async def handle_keeping_target(*request: Any, raw_path: str | None, raw_query_string: str, **more: Any) -> Any:
        # Each request has a context of its own, so that there is nothing to reset.
        _path.set(raw_path)
        _query.set(raw_query_string)
        return await handle(*request, raw_path=raw_path, raw_query_string=raw_query_string, **more)

    return handle_keeping_target


def _with_kept_path(handle: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
    async def handle_with_kept_path(host: str, path: str, *request: Any, **from_cloudfront: Any) -> Any:
        # CloudFront's path is not decoded, and may differ from the viewer's.
        kept = path if from_cloudfront else _path.get() or path
        return await handle(host, kept, *request, **from_cloudfront)

    return handle_with_kept_path


def _keeping_query(fetch: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
    async def fetch_keeping_query(host: str, origin: Properties, method: str, uri: str, query: str, *more: Any) -> Any:
        token = _query.set(query)
        try:
            return await fetch(host, origin, method, uri, query, *more)
        finally:
            _query.reset(token)

    return fetch_keeping_query


def _with_kept_query(build: Callable[..., Properties]) -> Callable[..., Properties]:
    def build_with_kept_query(*request: Any, **settings: Any) -> Properties:
        event, query = build(*request, **settings), _query.get()
        return event if query is None else event | {"rawQueryString": query}

    return build_with_kept_query
