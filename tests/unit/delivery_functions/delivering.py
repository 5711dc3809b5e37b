"""A delivery without CloudFront whose functions run in this process, and whose buckets are in the emulator."""

import base64
import json
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import skimage.data
from PIL import Image

from delivery.forget.handler import handler as forget_handler
from delivery.make.handler import handler as make_handler
from safelight_contracts.delivery.refusals import Refusal
from safelight_contracts.delivery.request_urls import encoded
from safelight_contracts.delivery.signatures import sign_url
from safelight_local.emulator.process import Emulator


def photograph(name: str = "coffee.png", *, width: int = 300, image_type: str = "JPEG") -> bytes:
    """Read a real photograph, at most 600 pixels wide. Others: ``chelsea.png``, ``astronaut.png``."""
    picture = Image.open(Path(skimage.data.__file__).parent / name).convert("RGB")
    picture.thumbnail((width, width))
    file = BytesIO()
    picture.save(file, image_type)
    return file.getvalue()


SECRET = "0123456789abcdef0123456789abcdef"


def signed_target(
    path: str, query: str = "", *, key_id: str = "1", secret: str = SECRET, expires: int | None = None
) -> tuple[str, str]:
    """Return the path and the query of a signed URL of the delivery of the fixtures."""
    url = sign_url(path, query, scope="cdn", key_id=key_id, secret=secret, expires=expires)
    signed, _, rest = url.partition("?")
    return signed, rest


@dataclass(frozen=True, kw_only=True)
class Answered:
    """What a viewer gets."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def picture(self) -> Image.Image:
        assert self.status == 200, self.body
        return Image.open(BytesIO(self.body))

    @property
    def error(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.body)
        return found

    def is_refusal(self, refusal: Refusal) -> bool:
        return self.status == refusal.status and self.error["error"] == refusal


@dataclass(frozen=True, kw_only=True)
class Delivering:
    """The buckets of a delivery, and what viewers and S3 send to its functions."""

    emulator: Emulator
    source: str
    results: str

    def put(self, data: bytes, *, key: str = "a.jpg", bucket: str | None = None) -> str:
        """Write a source and return its ETag without quotes."""
        s3 = self.emulator.endpoints.s3
        return s3.put_object(Bucket=bucket or self.source, Key=key, Body=data)["ETag"].strip('"')

    def delete(self, key: str = "a.jpg") -> None:
        self.emulator.endpoints.s3.delete_object(Bucket=self.source, Key=key)

    def get(self, key: str = "a.jpg", *, accept: str = "", **parameters: object) -> Answered:
        """Ask for a key in the form of a query."""
        return self.send(f"/{encoded(key)}", urlencode(parameters), headers={"accept": accept})

    def send(
        self, path: str, query: str = "", *, method: str = "GET", headers: dict[str, str] | None = None
    ) -> Answered:
        event = {
            "rawPath": path,
            "rawQueryString": query,
            "headers": headers or {},
            "requestContext": {"requestId": "r-1", "http": {"method": method}},
        }
        answer = make_handler(event, None)
        body = answer.get("body", "")
        return Answered(
            status=answer["statusCode"],
            headers=answer["headers"],
            body=base64.b64decode(body) if answer.get("isBase64Encoded") else body.encode(),
        )

    def forget(self, *keys: str) -> list[str]:
        """Handle the events of S3 on objects that changed, and return which of them must come again."""
        bodies = [
            {"source": "aws.s3", "detail": {"bucket": {"name": self.source}, "object": {"key": key}}} for key in keys
        ]
        return self.forget_messages(*bodies)

    def forget_messages(self, *bodies: dict[str, Any]) -> list[str]:
        """Handle a batch of messages, numbered from 0, and return which of them must come again."""
        return self.forget_records(
            *({"messageId": str(number), "body": json.dumps(body)} for number, body in enumerate(bodies))
        )

    def forget_records(self, *records: dict[str, Any]) -> list[str]:
        """Handle a batch of messages as Lambda delivers them, and return which of them must come again."""
        sent = {
            "receiptHandle": "handle",
            "attributes": {"ApproximateReceiveCount": "1"},
            "eventSourceARN": "arn:aws:sqs:us-east-1:000000000000:no-such-queue",
        }
        answer = forget_handler({"Records": [sent | record for record in records]}, None)
        return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]

    def stored(self, prefix: str = "r1/") -> list[str]:
        """List the keys in the results bucket."""
        pages = self.emulator.endpoints.s3.get_paginator("list_objects_v2").paginate(Bucket=self.results, Prefix=prefix)
        return [there["Key"] for page in pages for there in page.get("Contents", [])]
