"""The largest result of a function.

ministack returns results of any size. Lambda fails an invocation whose result has more than 6 MB as JSON, so a function
URL answers 502. Base64 counts: 4.7 MB of bytes are 6.3 MB. See "Quotas" in the developer guide of Lambda. The exact
limit is in the error message of Lambda.
"""

import json
from collections.abc import Callable
from typing import Any

# A function's configuration, or the result of an invocation.
Properties = dict[str, Any]

LARGEST_RESULT = 6_291_556
"""Bytes of JSON."""


def apply() -> None:
    """Patch the executor of Python and Node.js functions."""
    from ministack.services import lambda_svc

    lambda_svc._execute_function_warm = limited(lambda_svc._execute_function_warm)


def limited(execute: Callable[..., Properties]) -> Callable[..., Properties]:
    """Wrap ministack's executor so that an invocation with a larger result fails.

    `execute`: ``ministack.services.lambda_svc._execute_function_warm``.
    """

    def execute_limited(func: Properties, event: object, request_id: str) -> Properties:
        result = execute(func, event, request_id)
        if len(json.dumps(result.get("body"), ensure_ascii=False, default=str).encode()) <= LARGEST_RESULT:
            return result
        message = f"Response payload size exceeded maximum allowed payload size ({LARGEST_RESULT} bytes)."
        error = {"errorMessage": message, "errorType": "Function.ResponseSizeTooLarge"}
        return result | {"body": error, "error": True, "function_error": "Unhandled"}

    return execute_limited
