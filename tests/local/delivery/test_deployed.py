"""A delivery that is deployed, and fetched through its distribution.

What the emulator does not do is asserted in the template (`tests/synth/delivery`): CloudFront's caching, and the
permissions of the bucket of results.
"""

import base64
import json
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from tests.local.delivery.deployments import deploy, put_source, size
from tests.local.distributions import Answer, fetch
from tests.local.emulator_clients import client, wait_until

from safelight_contracts.delivery.result_keys import cached_key, source_prefix
from safelight_contracts.delivery.signatures import sign_url
from safelight_local.emulator.endpoints import Endpoints
from safelight_local.emulator.process import Emulator
from safelight_local.samples import Samples

APP = Path(__file__).with_name("app.py")
KEY = "public/coffee.jpg"


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """A deployed delivery, and the bucket that it delivers from."""

    endpoints: Endpoints
    outputs: Mapping[str, str]
    photos: str
    maker: str
    log: str
    keys: Mapping[str, str]

    def fetch(self, target: str, **request: Any) -> Answer:
        return fetch(self.endpoints, self.outputs["DeliveryUrl"].removeprefix("https://"), target, **request)

    def signed(self, path: str, query: str = "", *, expires: int | None = None) -> str:
        return sign_url(
            path, query, scope=self.outputs["SigningScope"], key_id="1", secret=self.keys["1"], expires=expires
        )

    def put(self, file: Path, key: str = KEY) -> None:
        results = self.outputs["ResultsBucketName"]
        # Without this mark, nothing is looked for.
        self.endpoints.s3.put_object(Bucket=results, Key=cached_key(bucket=self.photos, key=key), Body=b"")
        put_source(
            self.endpoints,
            file,
            bucket=self.photos,
            key=key,
            results_bucket=results,
            result=f"{source_prefix(bucket=self.photos, key=key)}old",
        )

    def invocations(self) -> int:
        """How often an image was made or refused by the function."""
        pages = self.endpoints.logs.get_paginator("filter_log_events").paginate(
            logGroupName=self.log, filterPattern="START"
        )
        return sum(len(page["events"]) for page in pages)

    def results(self) -> list[str]:
        found = self.endpoints.s3.list_objects_v2(Bucket=self.outputs["ResultsBucketName"], Prefix="r1/")
        return [it["Key"] for it in found.get("Contents", ())]


@pytest.fixture(scope="module")
def delivery(emulator: Emulator, samples: Samples, tmp_path_factory: pytest.TempPathFactory) -> Delivery:
    """The delivery of `app.py` with a photograph in its bucket. The edge knows its keys."""
    endpoints = emulator.endpoints
    deployed = deploy(APP, stack="Delivery", endpoints=endpoints, folder=tmp_path_factory.mktemp("app"))
    matches = {key: re.fullmatch("Cdn([A-Za-z]+)[0-9A-F]{8}", key) for key in deployed.outputs}
    outputs = {match[1]: deployed.outputs[key] for key, match in matches.items() if match}
    secret = client(endpoints, "secretsmanager").get_secret_value(SecretId=outputs["SigningKeysSecretArn"])
    made = Delivery(
        endpoints=endpoints,
        outputs=outputs,
        photos=deployed.physical["Photos"],
        maker=deployed.physical["CdnMake"],
        log=deployed.physical["CdnMakeLogs"],
        keys=json.loads(secret["SecretString"]),
    )
    store = outputs["KeyValueStoreArn"]
    values = endpoints.key_values
    for key_id, text in made.keys.items():
        etag = values.describe_key_value_store(KvsARN=store)["ETag"]
        values.put_key(KvsARN=store, Key=key_id, Value=text, IfMatch=etag)
    made.put(samples.landscape)
    # The first start of the function can take longer than a request may.
    wait_until(lambda: made.fetch(f"/{KEY}?preset=card").status == 200)
    return made


def document_path(**given: Any) -> str:
    return "/" + base64.urlsafe_b64encode(json.dumps(given).encode()).decode().rstrip("=")


def test_a_preset_is_made(delivery: Delivery) -> None:
    answer = delivery.fetch(f"/{KEY}?preset=card")
    assert size(answer) == (320, 213)
    assert answer.headers["content-type"] == "image/jpeg"


def test_the_type_is_what_the_viewer_accepts(delivery: Delivery) -> None:
    answer = delivery.fetch(f"/{KEY}?preset=card", headers={"Accept": "image/webp,*/*"})
    assert answer.headers["content-type"] == "image/webp"


def test_a_size_by_list_is_made_by_a_thumbor_path(delivery: Delivery) -> None:
    assert size(delivery.fetch(f"/unsafe/320x200/{KEY}")) == (320, 200)


def test_a_document_needs_a_signature_even_for_a_size_by_list(delivery: Delivery) -> None:
    edits = {"resize": {"width": 320, "height": 200}}
    assert delivery.fetch(document_path(key=KEY, edits=edits)).status == 403


def test_a_signed_request_may_ask_for_anything_in_every_form(delivery: Delivery) -> None:
    document = document_path(key=KEY, edits={"resize": {"width": 100, "height": 50}})
    for path, query in ((f"/{KEY}", "width=100&height=50&fit=cover"), (f"/unsafe/100x50/{KEY}", ""), (document, "")):
        assert size(delivery.fetch(delivery.signed(path, query))) == (100, 50)


def test_a_stored_image_comes_from_the_bucket_and_no_function_runs(delivery: Delivery) -> None:
    first = delivery.fetch(f"/{KEY}?width=640")
    before = delivery.invocations()
    assert before > 0
    second = delivery.fetch(f"/{KEY}?width=640")
    assert size(second) == (640, 427)
    assert second.body == first.body
    assert delivery.invocations() == before


def test_an_image_that_is_too_large_for_an_answer_is_stored_and_redirected_to(
    delivery: Delivery, tmp_path: Path
) -> None:
    noise = Image.merge("RGB", [Image.effect_noise((1_600, 1_400), 100) for _ in range(3)])
    noise.save(tmp_path / "noise.png", compress_level=1)
    delivery.put(tmp_path / "noise.png", "public/noise.png")
    url = delivery.signed("/public/noise.png", "format=png")
    answer = delivery.fetch(url)
    assert (answer.status, answer.headers["location"]) == (302, url)
    assert answer.headers["cache-control"] == "private, no-store"
    before = delivery.invocations()
    assert size(delivery.fetch(url)) == noise.size
    assert delivery.invocations() == before


def test_a_head_of_an_image_has_no_body(delivery: Delivery) -> None:
    answer = delivery.fetch(f"/{KEY}?preset=card", method="HEAD")
    assert (answer.status, answer.headers["content-type"], answer.body) == (200, "image/jpeg", b"")


def test_a_preflight_is_answered_at_the_edge(delivery: Delivery) -> None:
    before = delivery.invocations()
    answer = delivery.fetch(f"/{KEY}", method="OPTIONS")
    assert (answer.status, answer.headers["access-control-allow-headers"]) == (204, "*")
    assert delivery.invocations() == before


def test_every_answer_differs_by_accept_and_cannot_run_in_a_browser(delivery: Delivery) -> None:
    made = delivery.fetch(f"/{KEY}?preset=card&v=1")
    stored = delivery.fetch(f"/{KEY}?preset=card")
    for answer in (made, stored):
        assert answer.headers["vary"] == "Accept"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["content-security-policy"] == "default-src 'none'"
        assert not [name for name in answer.headers if name.startswith("x-amz-") and "cf" not in name]


@pytest.mark.parametrize("query", ["width=641", "width=100&height=50", "blur=3", ""])
def test_what_is_not_permitted_is_refused_and_not_stored(delivery: Delivery, query: str) -> None:
    before = delivery.results()
    assert delivery.fetch(f"/{KEY}?{query}").status in (400, 403)
    assert delivery.results() == before


def test_a_wrong_signature_is_refused_at_the_edge(delivery: Delivery) -> None:
    before = delivery.invocations()
    url = delivery.signed(f"/{KEY}", "width=123")
    answer = delivery.fetch(url.replace("width=123", "width=124"))
    assert (answer.status, answer.json["error"]) == (403, "BAD_SIGNATURE")
    assert delivery.invocations() == before


def test_an_expired_url_is_refused_even_when_its_image_is_stored(delivery: Delivery) -> None:
    soon = int(time.time()) + 1_000
    assert delivery.fetch(delivery.signed(f"/{KEY}", "width=222", expires=soon)).status == 200
    answer = delivery.fetch(delivery.signed(f"/{KEY}", "width=222", expires=soon - 2_000))
    assert (answer.status, answer.json["error"]) == (403, "EXPIRED")


def test_a_missing_image_is_not_found(delivery: Delivery) -> None:
    answer = delivery.fetch("/public/none.jpg?preset=card")
    assert (answer.status, answer.json["error"]) == (404, "NOT_FOUND")


def test_an_object_outside_of_the_prefix_is_refused(delivery: Delivery, samples: Samples) -> None:
    delivery.endpoints.s3.put_object(Bucket=delivery.photos, Key="private/secret.jpg", Body=samples.small.read_bytes())
    assert delivery.fetch("/private/secret.jpg?preset=card").status == 403


def test_another_bucket_is_refused(delivery: Delivery) -> None:
    path = f"/unsafe/s3:{delivery.outputs['ResultsBucketName']}/public/a.jpg"
    assert delivery.fetch(delivery.signed(path)).status == 403


def test_a_result_cannot_be_asked_for_by_its_key(delivery: Delivery) -> None:
    delivery.fetch(f"/{KEY}?preset=card")
    assert delivery.fetch(f"/{delivery.results()[0]}").status == 403


def test_a_viewer_cannot_speak_for_the_edge(delivery: Delivery) -> None:
    headers = {"x-safelight-url": f"/{KEY}?width=640", "x-safelight-accepts": "avif"}
    answer = delivery.fetch(f"/{KEY}?preset=thumb", headers=headers)
    assert max(size(answer)) == 64


def test_the_function_cannot_be_reached_without_the_distribution(delivery: Delivery) -> None:
    url = delivery.endpoints.lambda_.get_function_url_config(FunctionName=delivery.maker)["FunctionUrl"]
    host = url.removeprefix("https://").rstrip("/")
    assert fetch(delivery.endpoints, host, f"/{KEY}?preset=card").status == 403


def test_a_replaced_source_is_delivered_anew(delivery: Delivery, samples: Samples) -> None:
    key = "public/replaced.jpg"
    delivery.put(samples.landscape, key)
    wide = delivery.fetch(f"/{key}?preset=card")
    delivery.put(samples.person, key)

    def square() -> bool:
        answer = delivery.fetch(f"/{key}?preset=card")
        return answer.status == 200 and size(answer) == (320, 320)

    assert size(wide) == (320, 213)
    wait_until(square)


def test_a_deleted_source_is_gone(delivery: Delivery, samples: Samples) -> None:
    key = "public/deleted.jpg"
    delivery.put(samples.landscape, key)
    assert delivery.fetch(f"/{key}?preset=card").status == 200
    delivery.endpoints.s3.delete_object(Bucket=delivery.photos, Key=key)
    wait_until(lambda: delivery.fetch(f"/{key}?preset=card").status == 404)
