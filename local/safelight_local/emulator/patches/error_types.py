"""Error types of Python functions.

ministack reports every exception in a Python function as ``Runtime.HandlerError``. AWS Lambda reports the name of the
exception's class, and ``Retry`` and ``Catch`` in a state machine match that name.
"""

from collections.abc import Callable
from typing import Any

# A function's configuration, or the result of an invocation.
Properties = dict[str, Any]


def apply() -> None:
    """Patch the executor of Python functions."""
    from ministack.services import lambda_svc

    lambda_svc._execute_function_warm = restore_error_types(lambda_svc._execute_function_warm)


def class_name_of(*, log: str, message: str) -> str | None:
    """Find the class name of an exception in a log that ends with its traceback.

    `log`: the function's output. It ends with the text of ``traceback.format_exc()``.
    `message`: the message of the exception, at the end of the traceback.

    Returns the name without its module, as in Lambda's ``errorType``. None if the log has no traceback.
    """
    head = log.rstrip("\n").removesuffix(message.rstrip("\n")).removesuffix(": ")
    name = head.rpartition("\n")[2].rpartition(".")[2]
    return name if name.isidentifier() else None


def restore_error_types(execute: Callable[..., Properties]) -> Callable[..., Properties]:
    """Wrap ministack's executor of Python functions so that an error's type is the exception's class name.

    `execute`: ``ministack.services.lambda_svc._execute_function_warm``.
    """

    def execute_with_error_types(func: Properties, event: object, request_id: str) -> Properties:
        result = execute(func, event, request_id)
        body = result.get("body")
        if result.get("error") and isinstance(body, dict) and body.get("errorType") == "Runtime.HandlerError":
            name = class_name_of(log=result.get("log", ""), message=body["errorMessage"])
            if name is not None:
                body["errorType"] = name
        return result

    return execute_with_error_types
