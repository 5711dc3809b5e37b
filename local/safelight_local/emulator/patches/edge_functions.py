"""CloudFront Functions in the runtime ``cloudfront-js-2.0``.

ministack's functions cannot import ``cloudfront``, may be of any size and syntax, and keep their global variables. Here
they read the key value store that they are associated with, are at most 10 KB long, have the syntax that AWS documents,
start anew for each request and run in strict mode. ``crypto`` has what the runtime documents: ``createHash`` and
``createHmac`` with md5, sha1 and sha256, and digests as ``hex``, ``base64``, ``base64url`` or ``Buffer``. See
"JavaScript runtime 2.0 features for CloudFront Functions" and "Quotas on CloudFront Functions" in the developer guide
of CloudFront.

The emulator allows what AWS does not:

- Node.js runs the code, so all of its built-in methods work.
- A function may run for five seconds and use 256 MB. AWS allows about one millisecond and 2 MB.
- A function may return a response of any size.
- Values of a key value store are current. On AWS a change takes some seconds.

The emulator does not offer the methods of ``cloudfront`` that change the origin.
"""

import asyncio
import logging
import os
import subprocess
from collections.abc import Awaitable, Callable
from pathlib import Path
from types import ModuleType
from typing import Any

from safelight_local.emulator.edge_syntax import undocumented_syntax

# A function, or an event.
Properties = dict[str, Any]

LARGEST_FUNCTION = 10 * 1024
"""Bytes of code."""

_AT_ONCE = max(2, os.cpu_count() or 0)
_RUNTIME = Path(__file__).parents[1] / "edge_runtime.js"


def apply() -> None:
    """Patch the runtime of functions, and the two ways to make them."""
    from ministack.core import cloudfront_js, node_pool
    from ministack.services import cloudfront
    from ministack.services.cloudformation import provisioners

    cloudfront_js._pool = node_pool.NodeWorkerPool(
        _RUNTIME.read_text(),
        log_prefix="edge",
        logger=logging.getLogger("cloudfront_functions"),
        timeout=cloudfront_js._EVAL_TIMEOUT,
        max_old_space_mb=cloudfront_js._MAX_OLD_SPACE_MB,
        max_idle=_AT_ONCE,
    )
    cloudfront._run_function = _with_store(cloudfront)
    cloudfront._cf_decode_function_code = _limited_by_api(cloudfront)
    provisioners._cf_function_body = _limited_by_cloudformation(provisioners._cf_function_body)


def _with_store(cloudfront: ModuleType) -> Callable[[str, Properties], Awaitable[Any]]:
    run: Callable[[str, Properties], Awaitable[Any]] = cloudfront._run_function
    # ministack starts a process for each run at once. A hundred of them take longer than a hundred runs in turn.
    free = asyncio.Semaphore(_AT_ONCE)

    async def run_with_store(arn: str, event: Properties) -> Any:
        function = cloudfront._function_view(cloudfront._functions.get(arn.rsplit("/", 1)[-1], {}), "LIVE")
        stores = [it for it in cloudfront._kvstores.values() if it["ARN"] in function.get("kvs_arns", ())]
        async with free:
            if faults := await asyncio.to_thread(_faults, function):
                raise cloudfront.CloudFrontFunctionError(f"AWS documents no such syntax: {faults}")
            return await run(arn, event | {"store": _values(stores[0])} if stores else event)

    return run_with_store


def _faults(function: Properties) -> str:
    try:
        return ", ".join(undocumented_syntax(function.get("code", b"").decode()))
    except subprocess.CalledProcessError as error:
        return str(error.stderr)


def _values(store: Properties) -> Properties:
    from ministack.services import cloudfront_keyvaluestore

    items = cloudfront_keyvaluestore._stores.get(store["ARN"], {}).get("items", {})
    modified = store["LastModifiedTime"]
    return {"id": store["Id"], "items": items, "created": store.get("Created", modified), "modified": modified}


def _limited_by_api(cloudfront: ModuleType) -> Callable[[str], tuple[bytes | None, Any]]:
    decode: Callable[[str], tuple[bytes | None, Any]] = cloudfront._cf_decode_function_code

    def decode_limited(encoded: str) -> tuple[bytes | None, Any]:
        code, error = decode(encoded)
        if code is not None and len(code) > LARGEST_FUNCTION:
            return None, cloudfront._error("FunctionSizeLimitExceeded", _too_large(code), 413)
        return code, error

    return decode_limited


def _limited_by_cloudformation(
    read: Callable[[str, Properties], tuple[Properties, bytes, bool]],
) -> Callable[[str, Properties], tuple[Properties, bytes, bool]]:
    def read_limited(name: str, properties: Properties) -> tuple[Properties, bytes, bool]:
        settings, code, publishes = read(name, properties)
        if len(code) > LARGEST_FUNCTION:
            raise ValueError(f"AWS::CloudFront::Function {name}: {_too_large(code)}")
        return settings, code, publishes

    return read_limited


def _too_large(code: bytes) -> str:
    return f"The function has {len(code)} bytes of code. The limit is {LARGEST_FUNCTION}."
