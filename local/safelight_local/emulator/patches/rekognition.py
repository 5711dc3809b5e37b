"""Calls of Rekognition.

ministack has no Rekognition. Here the emulator authorizes each call with IAM, and forwards it to the address in
``AWS_ENDPOINT_URL_REKOGNITION``. Without the variable, it answers as ministack does.
"""

import asyncio
import os
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor

from botocore.awsrequest import AWSRequest
from botocore.httpsession import URLLib3Session

from safelight_local.rekognition import ACCOUNT_HEADER

_CALLS_AT_ONCE = 50
_OF_A_CONNECTION = {"connection", "content-length", "date", "keep-alive", "server", "transfer-encoding"}

Answer = tuple[int, dict[str, str], bytes]
"""Status, headers and body."""


def apply() -> None:
    """Register Rekognition as a service."""
    from ministack import app
    from ministack.core import iam_actions, router

    # Functions inherit the emulator's environment. With the variable in it, they would bypass IAM.
    if url := os.environ.pop("AWS_ENDPOINT_URL_REKOGNITION", None):
        router.SERVICE_PATTERNS["rekognition"] = {"target_prefixes": ["RekognitionService."]}
        iam_actions.SERVICE_TO_IAM_NAMESPACE["rekognition"] = "rekognition"
        app.SERVICE_HANDLERS["rekognition"] = forward_to(url)


def forward_to(url: str) -> Callable[..., Awaitable[Answer]]:
    """Make a handler that forwards calls to another server.

    `url`: the server's address. It uses the JSON protocol of AWS.

    Returns a handler in ministack's form. It adds the account of the call, and passes on the headers of the answer,
    except those of length and connection.
    """
    from ministack.core.responses import get_account_id

    # Separate threads: each function that waits for an answer already occupies one of ministack's threads.
    threads = ThreadPoolExecutor(_CALLS_AT_ONCE, thread_name_prefix="forward")
    http = URLLib3Session(max_pool_connections=_CALLS_AT_ONCE)

    def send(method: str, path: str, headers: dict[str, str], body: bytes, account: str) -> Answer:
        kept = {name: value for name, value in headers.items() if name in {"content-type", "x-amz-target"}}
        kept[ACCOUNT_HEADER] = account
        answer = http.send(AWSRequest(method, f"{url}{path}", headers=kept, data=body).prepare())
        passed = {name: value for name, value in answer.headers.items() if name.lower() not in _OF_A_CONNECTION}
        return answer.status_code, passed, answer.content

    async def handle(method: str, path: str, headers: dict[str, str], body: bytes, _query: object) -> Answer:
        return await asyncio.get_running_loop().run_in_executor(
            threads, send, method, path, headers, body, get_account_id()
        )

    return handle
