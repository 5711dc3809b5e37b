"""A thousand random requests of a hostile client read nothing outside of the sources and store nothing unpermitted."""

import base64
import json
import random
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any
from urllib.parse import unquote
from uuid import uuid4

import pytest
from tests.unit.delivery_functions.delivering import Delivering, photograph

from awskit import clients
from safelight_contracts.delivery.accept import AcceptedType
from safelight_contracts.delivery.request_urls import split_url
from safelight_contracts.delivery.result_keys import result_key
from safelight_contracts.delivery.settings import DeliverySettings

_REQUESTS = 1000
PERMITTED = ("preset=card", "preset=auto", "width=100", "width=50", "width=50&format=webp", "width=50&grayscale=true")
_KEYS = (
    "a.jpg",
    "public/a.jpg",
    "public/../private/a.jpg",
    "private/a.jpg",
    "%2e%2e/private/a.jpg",
    "public/%2e%2e/private",
    "public//a.jpg",
    "/public/a.jpg",
    "public%2Fa.jpg",
    "public%2F..%2Fprivate%2Fa.jpg",
    "public/a.jpg%00",
    "",
    "%FF",
    "public/%F0%9F%98%80.jpg",
    "public/" + "a" * 1100,
    "public/a.jpg?x",
    "public/%C0%AE%C0%AE/private/a.jpg",
    "http:%2F%2F169.254.169.254%2Flatest",
    "https://example.com/a.jpg",
    "r1/00/live/00",
)
_SIZES = (
    "300x200",
    "0x0",
    "-1x-1",
    "99999x99999",
    "50x",
    "100x",
    "origxorig",
    "fit-in",
    "full-fit-in",
    "smart",
    "trim",
)
_FILTERS = (
    "blur(9)",
    "quality(100)",
    "format(webp)",
    "watermark(BUCKET,private/a.jpg,0,0,0)",
    "proportion(9)",
    "rgb(1,2,3)",
    "watermark(OTHER,a.jpg,0,0,0)",
    "unknown(1)",
    "rotate(90)",
    "focal(0x0:1x1)",
    "format(",
    "convolution(1;1;1,1)",
)
_PARAMETERS = (
    "width=50",
    "width=51",
    "width=100",
    "height=50",
    "width=99999999999",
    "width=-1",
    "width=0x10",
    "dpr=4",
    "dpr=9",
    "preset=card",
    "preset=none",
    "preset=card&preset=auto",
    "quality=1",
    "format=webp",
    "format=svg",
    "fit=cover",
    "v=12345678",
    "kid=1",
    "expires=1",
    "signature=" + "A" * 43,
    "%00=1",
    "=1",
    "__proto__=1",
    "grayscale=true",
)
_EDITS: tuple[dict[str, Any], ...] = (
    {"resize": {"width": 300}},
    {"resize": {"width": 10**9}},
    {"toFormat": "webp"},
    {"smartCrop": True},
    {"rotate": 7},
    {"overlayWith": {"bucket": "OTHER", "key": "a.jpg"}},
    {"overlayWith": {"bucket": "BUCKET", "key": "private/a.jpg"}},
    {"contentModeration": True},
    {"affine": []},
    {"resize": None},
    {"convolve": {"width": 10**6, "height": 10**6}},
    {},
)


@pytest.fixture
def hostile(
    configure: Callable[[DeliverySettings], Delivering], settings: DeliverySettings
) -> tuple[Delivering, str, DeliverySettings]:
    """A delivery of one prefix of a bucket, beside a bucket that it must not read."""
    (source,) = settings.sources
    settings = replace(settings, sources=(replace(source, prefix="public/"),))
    delivering = configure(settings)
    other = f"other-{uuid4().hex}"
    delivering.emulator.endpoints.s3.create_bucket(Bucket=other)
    for key in ("public/a.jpg", "private/a.jpg"):
        delivering.put(photograph(width=120), key=key)
    delivering.put(photograph(width=120), bucket=other)
    return delivering, other, settings


def test_a_hostile_client_reads_nothing_else_and_stores_nothing_unpermitted(
    hostile: tuple[Delivering, str, DeliverySettings],
) -> None:
    delivering, other, settings = hostile
    read: list[tuple[str, str]] = []
    for operation in ("GetObject", "HeadObject"):
        clients.s3().meta.events.register(
            f"provide-client-params.s3.{operation}", lambda params, **_: read.append((params["Bucket"], params["Key"]))
        )
    chance = random.Random(20261128)  # noqa: S311 - not a secret
    statuses: Counter[int] = Counter()
    answered: list[tuple[str, str]] = []
    for _ in range(_REQUESTS):
        path, query = (part.replace("OTHER", other).replace("BUCKET", delivering.source) for part in _url(chance))
        accept = chance.choice(("*/*", "image/webp", "image/avif;q=x", "\x00", "a" * 9000))
        status = delivering.send(path, query, headers={"accept": accept}).status
        statuses[status] += 1
        if status == 200:
            answered.append((path, query))
    assert not {500, 502, 503, 504}.intersection(statuses)
    assert statuses[200] > 30
    assert [url for url in answered if not _is_permitted(*url)] == []
    sources = {(bucket, key) for bucket, key in read if bucket != delivering.results}
    assert {bucket for bucket, _ in sources} == {delivering.source}
    assert all(key.startswith("public/") for _, key in sources)
    assert set(delivering.stored("")) <= _result_keys(answered, settings=settings)


def _url(chance: random.Random) -> tuple[str, str]:
    query = "&".join(chance.sample(_PARAMETERS, chance.choice((0, 1, 1, 1, 2, 3))))
    if chance.random() < 0.25:
        query = chance.choice(PERMITTED)
    key = "public/a.jpg" if chance.random() < 0.5 else chance.choice(_KEYS)
    bucket = chance.choice(("", "", "", "s3:OTHER/", "s3:BUCKET/", "s3:../"))
    match chance.choice(("query", "query", "thumbor", "json", "noise")):
        case "query":
            return f"/{bucket}{key}", query
        case "thumbor":
            start = chance.choice(("", "unsafe/", "A" * 43 + "/"))
            stages = "/".join(chance.sample(_SIZES, chance.choice((1, 2))))
            filters = f"filters:{':'.join(chance.sample(_FILTERS, 2))}/" if chance.random() < 0.6 else ""
            return f"/{start}{stages}/{filters}{bucket}{key}", query if chance.random() < 0.2 else ""
        case "json":
            named = chance.choice(({}, {"bucket": "OTHER"}, {"bucket": "BUCKET"}, {"bucket": 7}))
            document = named | {"key": key, "edits": chance.choice(_EDITS) | chance.choice(_EDITS)}
            return "/" + _document(document), ""
        case _:
            return "/" + chance.randbytes(chance.choice((1, 20, 9000))).decode("latin-1"), query


def _document(document: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(document).encode()).decode()


def _is_permitted(path: str, query: str) -> bool:
    """Say whether a URL of the photograph asks for a preset or a permitted size, and for nothing of many values."""
    if not unquote(path).endswith("/public/a.jpg"):
        return False
    stages = set(path.split("/")[1:-2]) & {*_SIZES, "unsafe"} | {part for part in path.split("/") if "filters" in part}
    asked = {pair for pair in query.split("&") if pair and not pair.startswith("v=")}
    if "preset=card" in asked or "preset=auto" in asked:
        return len(asked) == 1 and not stages
    if stages:
        return not asked and len(stages & {"50x", "100x"}) == 1 and stages <= {"50x", "100x", "smart", "unsafe"}
    return len(asked & {"width=50", "width=100"}) == 1 and asked <= {
        *("width=50", "width=100", "fit=cover", "format=webp", "grayscale=true")
    }


def _result_keys(urls: Iterable[tuple[str, str]], *, settings: DeliverySettings) -> set[str]:
    """Return the result keys of URLs, for every type that a viewer accepts. A wrong version is answered as none."""
    return {
        result_key(
            replace(split_url(*url), version=None),
            bucket=settings.sources[0].bucket,
            accepted=accepted,
            presets_with_type=settings.presets_with_type,
        )
        for url in urls
        for accepted in AcceptedType
    }
