"""The answers of custom resources.

CloudFormation's ``ResponseURL`` has no port on AWS, and the Node.js handlers of the CDK leave it out when they answer.
ministack also waits for an answer for up to an hour when the handler has already failed.
"""

import os
import threading
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

_ANSWERS = "/_ministack/cfn-response/"
_PREAMBLE = """\
{
  const https = require("https");
  const request = https.request;
  https.request = (options, ...rest) => request(
    typeof options.path === "string" && options.path.startsWith("%s") ? { ...options, port: %s } : options, ...rest);
}
"""


def apply() -> None:
    """Patch the script that runs Node.js functions, and what follows from the failure of a handler."""
    from ministack.core import lambda_runtime
    from ministack.services import lambda_svc
    from ministack.services.cloudformation import custom_resource

    lambda_runtime._detect_runtime_binary = answer_at_port(
        lambda_runtime._detect_runtime_binary, port=os.environ["GATEWAY_PORT"]
    )
    failed = FailedHandlers(deliver=custom_resource.deliver_response)
    custom_resource.invoke_custom_resource = failed.during(custom_resource.invoke_custom_resource)
    lambda_svc._execute_function_with_config_scope = failed.answering(lambda_svc._execute_function_with_config_scope)


def answer_at_port(detect_runtime: Callable[[str], tuple[str, str]], *, port: str) -> Callable[[str], tuple[str, str]]:
    """Wrap ministack's choice of a function's interpreter so that Node.js handlers answer at the emulator's port.

    `detect_runtime`: ``ministack.core.lambda_runtime._detect_runtime_binary``.
    """

    def detect_with_port(name: str) -> tuple[str, str]:
        binary, script = detect_runtime(name)
        return binary, _PREAMBLE % (_ANSWERS, port) + script if name.startswith("nodejs") else script

    return detect_with_port


class FailedHandlers:
    """Answers for a handler that has failed, so that its custom resource fails at once.

    `deliver`: ``ministack.services.cloudformation.custom_resource.deliver_response``. It takes the token of a request
    and the answer.
    """

    def __init__(self, *, deliver: Callable[[str, dict[str, Any]], bool]) -> None:
        self._deliver = deliver
        self._request = threading.local()

    def during(self, invoke: Callable[..., Any]) -> Callable[..., Any]:
        """Wrap ``invoke_custom_resource``, which runs a handler in its own thread and waits for the answer.

        `invoke`: ``ministack.services.cloudformation.custom_resource.invoke_custom_resource``.
        """

        def invoke_during(*arguments: Any, **options: Any) -> Any:
            self._request.under_way = True
            try:
                return invoke(*arguments, **options)
            finally:
                self._request.under_way = False

        return invoke_during

    def answering(self, execute: Callable[..., dict[str, Any]]) -> Callable[..., dict[str, Any]]:
        """Wrap ministack's executor of functions. Functions that run for no custom resource may fail as before.

        A provider's waiter passes the ``ResponseURL`` on to functions that fail until they are complete.

        `execute`: ``ministack.services.lambda_svc._execute_function_with_config_scope``.
        """

        def execute_and_answer(function: dict[str, Any], event: Any) -> dict[str, Any]:
            result = execute(function, event)
            if getattr(self._request, "under_way", False) and result.get("error"):
                token = urlsplit(event["ResponseURL"]).path.removeprefix(_ANSWERS)
                self._deliver(token, {"Status": "FAILED", "Reason": f"its handler failed: {_message(result)}"})
            return result

        return execute_and_answer


def _message(result: dict[str, Any]) -> str:
    body = result.get("body")
    return str(body.get("errorMessage", body) if isinstance(body, dict) else body)
