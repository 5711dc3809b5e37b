"""The console's page of redactions, for photographs: what it lists, shows and refuses."""

import io
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
from PIL import Image
from tests.local.console.serving import answer, ask, served
from tests.local.redactions import Stage, deploy_redaction

from safelight_contracts.redaction.boxes import BoxKind
from safelight_contracts.redaction.redact import Redact
from safelight_contracts.redaction.reviews import PhotoBox, PhotoReview, boxes_key
from safelight_contracts.redaction.service import MADE_FROM, ServiceSettings, settings_to_environment
from safelight_contracts.redaction.styles import Style
from safelight_local.console.api import Api
from safelight_local.console.server import ConsoleServer
from safelight_local.emulator.process import Emulator

REVIEWS = "reviewed-reviews"
SETTINGS = ServiceSettings(
    name="Reviewed",
    source_bucket="reviewed-source",
    source_prefix="in/",
    destination_bucket="reviewed-destination",
    destination_prefix="out/",
    reviews_bucket=REVIEWS,
    redact=Redact(faces=True, style=Style.BLUR),
    calls_per_second=1.0,
    attempts=3,
    event_bus="bus",
)


@pytest.fixture(scope="module")
def stage(emulator: Emulator) -> Stage:
    emulator.endpoints.s3.create_bucket(Bucket=REVIEWS)
    outputs = {"PhotoSourcePrefix": "in/", "RedactedPhotosPrefix": "out/", "PhotoReviewsBucketName": REVIEWS}
    return deploy_redaction(
        emulator.endpoints, stack="Reviewed", outputs=outputs, environment=settings_to_environment(SETTINGS)
    )


@pytest.fixture
def server(emulator: Emulator) -> Iterator[ConsoleServer]:
    yield from served(Api(emulator.endpoints, stack="Reviewed", may_upload=False))


def jpeg(color: str) -> bytes:
    made = io.BytesIO()
    Image.new("RGB", (200, 100), color).save(made, "JPEG")
    return made.getvalue()


def put(stage: Stage, key: str, body: bytes | None = None) -> None:
    stage.endpoints.s3.put_object(
        Bucket=stage.redaction.source_bucket, Key=key, Body=jpeg("red") if body is None else body
    )


def keep_boxes(stage: Stage, key: str, *, made_from: str) -> None:
    box = PhotoBox(kind=BoxKind.FACE, left=20, top=10, width=50, height=40, confidence=98.7)
    review = PhotoReview(made_from=made_from, width=200, height=100, boxes=[box])
    target = boxes_key(stage.redaction.destination_key(key))
    stage.endpoints.s3.put_object(Bucket=REVIEWS, Key=target, Body=json.dumps(review.as_json()))


def rows(server: ConsoleServer, stage: Stage) -> dict[str, Any]:
    query = urlencode({"redaction": stage.redaction.arn})
    return {row["key"]: row for row in answer(ask(server, f"/api/redaction/uploads?{query}"))["rows"]}


def view(server: ConsoleServer, stage: Stage, key: str) -> Any:
    query = urlencode({"redaction": stage.redaction.arn, "item": key})
    return answer(ask(server, f"/api/redaction/upload?{query}"))


def picture(server: ConsoleServer, stage: Stage, key: str, name: str) -> tuple[int, bytes]:
    query = urlencode({"redaction": stage.redaction.arn, "item": key, "name": name})
    got = ask(server, f"/redactions/picture?{query}")
    return got.status, got.read()


def test_the_redactions_are_listed(server: ConsoleServer, stage: Stage) -> None:
    (found,) = answer(ask(server, "/api/redactions"))
    assert (found["id"], found["name"], found["kind"]) == (stage.redaction.arn, "Reviewed/Redaction", "photo")


def test_each_photograph_has_its_outcome(server: ConsoleServer, stage: Stage) -> None:
    for name in ("done", "waiting", "rejected", "failed"):
        put(stage, f"in/{name}.jpg")
    stage.redact("in/done.jpg", body=jpeg("blue"), FACE=2)
    stage.log("in/rejected.jpg", outcome="REJECTED", reason="UNREADABLE_IMAGE")
    stage.log("in/failed.jpg", exception_name="UploadFailedError", exception="broken")
    found = rows(server, stage)
    outcomes = {name: found[f"in/{name}.jpg"]["outcome"] for name in ("done", "waiting", "rejected", "failed")}
    assert outcomes == {"done": "REDACTED", "waiting": "WAITING", "rejected": "REJECTED", "failed": "FAILED"}
    assert found["in/done.jpg"]["covered"] == {"FACE": 2}
    assert found["in/rejected.jpg"]["reason"] == "UNREADABLE_IMAGE"


def test_a_photograph_that_waits_is_looked_at_again(server: ConsoleServer, stage: Stage) -> None:
    put(stage, "in/soon.jpg")
    assert rows(server, stage)["in/soon.jpg"]["outcome"] == "WAITING"
    stage.redact("in/soon.jpg", FACE=1)
    assert rows(server, stage)["in/soon.jpg"]["outcome"] == "REDACTED"


def test_a_photograph_is_shown_before_and_after_with_its_boxes(server: ConsoleServer, stage: Stage) -> None:
    put(stage, "in/face.jpg")
    stage.redact("in/face.jpg", body=jpeg("blue"), FACE=1)
    keep_boxes(stage, "in/face.jpg", made_from="0" * 32)
    shown = view(server, stage, "in/face.jpg")
    assert (shown["outcome"], shown["style"], shown["size"]) == ("REDACTED", "BLUR", [200, 100])
    assert shown["boxes"] == [
        {"kind": "FACE", "confidence": 98.7, "left": 0.1, "top": 0.1, "width": 0.25, "height": 0.4}
    ]
    assert picture(server, stage, "in/face.jpg", "before") == (200, jpeg("red"))
    assert picture(server, stage, "in/face.jpg", "after") == (200, jpeg("blue"))


def test_boxes_of_another_copy_are_not_shown(server: ConsoleServer, stage: Stage) -> None:
    put(stage, "in/other.jpg")
    stage.redact("in/other.jpg", FACE=1)
    keep_boxes(stage, "in/other.jpg", made_from="1" * 32)
    assert view(server, stage, "in/other.jpg")["boxes"] is None


@pytest.mark.parametrize("body", [b"no JSON", b"[]", b'{"boxes": 1}'])
def test_boxes_that_cannot_be_read_are_not_shown(server: ConsoleServer, stage: Stage, body: bytes) -> None:
    put(stage, "in/odd.jpg")
    stage.redact("in/odd.jpg", FACE=1)
    stage.endpoints.s3.put_object(Bucket=REVIEWS, Key=boxes_key("out/in/odd.jpg"), Body=body)
    assert view(server, stage, "in/odd.jpg")["boxes"] is None


def test_a_copy_of_an_earlier_upload_is_none_of_the_new_one(server: ConsoleServer, stage: Stage) -> None:
    stage.redact("in/again.jpg", FACE=1)
    copy = stage.endpoints.s3.head_object(Bucket=stage.redaction.destination_bucket, Key="out/in/again.jpg")
    put(stage, "in/again.jpg")
    uploaded = stage.endpoints.s3.head_object(Bucket=stage.redaction.source_bucket, Key="in/again.jpg")
    while uploaded["LastModified"] <= copy["LastModified"]:  # S3 counts whole seconds.
        put(stage, "in/again.jpg")
        uploaded = stage.endpoints.s3.head_object(Bucket=stage.redaction.source_bucket, Key="in/again.jpg")
    shown = view(server, stage, "in/again.jpg")
    assert (shown["outcome"], shown["after"]) == ("WAITING", None)


def test_hostile_keys_are_listed_and_shown(server: ConsoleServer, stage: Stage) -> None:
    key = 'in/<img src=x onerror=alert(1)>"\u202egpj.exe&name=before#.jpg'
    put(stage, key)
    stage.redact(key, FACE=1)
    assert rows(server, stage)[key]["outcome"] == "REDACTED"
    assert view(server, stage, key)["key"] == key
    assert picture(server, stage, key, "before")[0] == 200


def test_no_object_outside_of_the_redaction_is_shown(server: ConsoleServer, stage: Stage) -> None:
    put(stage, "secret/face.jpg")
    keep_boxes(stage, "in/face.jpg", made_from="0" * 32)
    for key in ("secret/face.jpg", "in/../secret/face.jpg", "in/missing.jpg", ""):
        assert picture(server, stage, key, "before")[0] == 404
    assert picture(server, stage, "in/face.jpg", "boxes.json")[0] == 404
    assert "secret/face.jpg" not in rows(server, stage)
    query = urlencode({"redaction": "arn:aws:lambda:us-east-1:000000000000:function:other"})
    assert ask(server, f"/api/redaction/uploads?{query}").status == 404


def test_a_file_that_is_no_picture_is_not_served(server: ConsoleServer, stage: Stage) -> None:
    put(stage, "in/page.jpg", b"<script>alert(1)</script>")
    assert picture(server, stage, "in/page.jpg", "before") == (404, b"not of a type that browsers show")


def test_pictures_are_for_the_browser_that_has_the_cookie(server: ConsoleServer, stage: Stage) -> None:
    query = urlencode({"redaction": stage.redaction.arn, "item": "in/face.jpg", "name": "before"})
    for path in ("/redactions", "/api/redactions", f"/redactions/picture?{query}"):
        assert ask(server, path, Cookie=None).status == 403
    assert ask(server, f"/redactions/picture?{query}", Sec_Fetch_Site="cross-site").status == 403


def test_the_page_has_no_script_of_its_own_and_may_load_nothing_else(server: ConsoleServer) -> None:
    page = ask(server, "/redactions")
    policy = page.getheader("Content-Security-Policy") or ""
    assert "script-src 'self';" in policy
    assert "media-src 'self';" in policy
    assert b"<script>" not in page.read()


def test_metadata_that_is_no_count_is_no_error(server: ConsoleServer, stage: Stage) -> None:
    put(stage, "in/counts.jpg")
    stage.endpoints.s3.put_object(
        Bucket=stage.redaction.destination_bucket,
        Key="out/in/counts.jpg",
        Body=jpeg("blue"),
        Metadata={MADE_FROM: "0" * 32, "safelight-redacted": "[1"},
    )
    assert view(server, stage, "in/counts.jpg")["covered"] == {}
