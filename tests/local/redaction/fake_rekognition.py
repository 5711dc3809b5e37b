"""A fake Rekognition that sees one face in the middle of every picture, or does not answer as it should."""

import base64
import io
import json
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import IntEnum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

from PIL import Image

_FACE = {"Left": 0.25, "Top": 0.25, "Width": 0.5, "Height": 0.5}
# The function waits 7 seconds for an answer.
_SLOW_SECONDS = 9


class Fault(IntEnum):
    """How a picture of this width, in pixels, is not answered. One that is `LASTING` pixels wider is never answered."""

    THROTTLED = 201
    SERVER_ERROR = 202
    MALFORMED = 203
    SLOW = 204
    NOTHING = 205


LASTING = 100


@dataclass
class FakeRekognition:
    """`asked`: how often each width was asked about. `is_healed`: whether pictures of a fault's width are answered."""

    url: str
    asked: Counter[int] = field(default_factory=Counter)
    is_healed: bool = False

    def answer(self, width: int) -> tuple[int, bytes] | None:
        """The status and the body for a picture. None: the connection is closed without an answer."""
        self.asked[width] += 1
        fault = None if self.is_healed else _fault_of(width)
        fault = _fault_of(width - LASTING) or fault
        if fault is Fault.THROTTLED:
            return 400, json.dumps({"__type": "ThrottlingException", "Message": "slow down"}).encode()
        if fault is Fault.SERVER_ERROR:
            return 500, json.dumps({"__type": "InternalServerError"}).encode()
        if fault is Fault.MALFORMED:
            return 200, json.dumps({"FaceDetails": {}}).encode()
        if fault is Fault.NOTHING:
            return None
        if fault is Fault.SLOW:
            time.sleep(_SLOW_SECONDS)
        return 200, json.dumps({"FaceDetails": [{"BoundingBox": _FACE, "Confidence": 99.0}]}).encode()


def _fault_of(width: int) -> Fault | None:
    return Fault(width) if width in set(Fault) else None


@contextmanager
def running_fake() -> Iterator[FakeRekognition]:
    """Have a fake Rekognition for the length of a ``with`` block."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            with Image.open(io.BytesIO(base64.b64decode(body["Image"]["Bytes"]))) as picture:
                answer = fake.answer(picture.width)
            if answer is None:
                self.close_connection = True
                return
            status, data = answer
            self.send_response(status)
            self.send_header("Content-Type", "application/x-amz-json-1.1")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    fake = FakeRekognition(url=f"http://127.0.0.1:{server.server_address[1]}")
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield fake
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
