"""Every route of every version, deployed for real with permissions enforced."""

import io
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

VERSIONS = ("v1", "v2", "v3", "v4")

DIMENSIONS = ["Check Dimensions", "Dimensions Result?"]
PLACE = ["Get place type from DynamoDB", "Place type?"]
MODERATION = ["Moderator", "Moderation Result?"]
PEOPLE = ["Get labels", "Check for people"]
PUBLISHED = ["Resizer", "Publish"]
REJECTED = ["RecordFailState", "Announce Rejection", "Rejected"]

PARK_ROUTE = {
    "v1": PUBLISHED,
    "v2": MODERATION + PUBLISHED,
    "v3": DIMENSIONS + MODERATION + PUBLISHED,
    "v4": DIMENSIONS + PLACE + MODERATION + PUBLISHED,
}

UNSAFE = {"Name": "Violence", "Confidence": 98.0, "ParentName": "", "TaxonomyLevel": 1}


@dataclass(frozen=True, kw_only=True)
class Case:
    """An upload to one version: what is uploaded, the states it passes through, and its reason if rejected."""

    version: str
    name: str
    key: str
    sample: str
    states: tuple[str, ...]
    reason: str | None

    def __str__(self) -> str:
        return f"{self.version}: {self.name}"


def cases() -> Iterator[Case]:
    for version in VERSIONS:
        yield from (
            case(version, "a large landscape", "riverside/coffee.jpg", "landscape", PARK_ROUTE[version]),
            case(version, "a person in a park", "riverside/astronaut.jpg", "person", PARK_ROUTE[version]),
            case(version, "a sideways portrait", "riverside/cat.jpg", "sideways", PARK_ROUTE[version]),
            case(version, "an odd key", "riverside/café + crème 100%.jpg", "odd_name", PARK_ROUTE[version]),
            case(version, "dots in a key", "riverside/a.b.jpg", "odd_name", PARK_ROUTE[version]),
            case(version, "slashes in a key", "riverside/q/r.jpg", "odd_name", PARK_ROUTE[version]),
        )
    unreadable = {"v1": ["Resizer"], "v2": MODERATION, "v3": DIMENSIONS, "v4": DIMENSIONS}
    for version, states in unreadable.items():
        yield case(version, "a text file", "riverside/notes.jpg", "text", states + REJECTED, "UNREADABLE_IMAGE")
        yield case(version, "no bytes", "riverside/empty.jpg", "empty", states + REJECTED, "UNREADABLE_IMAGE")
        yield case(version, "a key too long", "riverside/" + "é" * 450, "small", states + REJECTED, "KEY_TOO_LONG")
    for version in ("v1", "v2"):
        yield case(version, "a small image", "riverside/small.jpg", "small", PARK_ROUTE[version])
        yield case(version, "a PNG", "riverside/cup.png", "png", PARK_ROUTE[version])
    for version in ("v3", "v4"):
        states = DIMENSIONS + REJECTED
        yield case(version, "a small image", "riverside/small.jpg", "small", states, "IMAGE_TOO_SMALL")
        yield case(version, "a PNG", "riverside/cup.jpg", "png", states, "UNSUPPORTED_TYPE")
        yield case(version, "a small PNG", "riverside/tiny.jpg", "tiny_png", states, "UNSUPPORTED_TYPE")
    # 600 pixels are enough for v4's 500 and too few for v3's 800.
    yield case("v3", "600 pixels", "riverside/600.jpg", "medium", DIMENSIONS + REJECTED, "IMAGE_TOO_SMALL")
    yield case("v4", "600 pixels", "riverside/600.jpg", "medium", PARK_ROUTE["v4"])
    for version in ("v2", "v3", "v4"):
        states = PARK_ROUTE[version][: -len(PUBLISHED)] + REJECTED
        yield case(version, "an unsafe image", "riverside/unsafe.jpg", "landscape", states, "FAILED_MODERATION")
    for place in ("bistro", "espresso", "tavern"):
        states = DIMENSIONS + PLACE + PEOPLE
        yield case("v4", f"nobody in a {place}", f"{place}/coffee.jpg", "landscape", states + PUBLISHED)
        yield case("v4", f"a person in a {place}", f"{place}/me.jpg", "person", states + REJECTED, "NO_PEOPLE_ALLOWED")
    states = DIMENSIONS + PLACE + REJECTED
    yield case("v4", "a place of another type", "lido/a.jpg", "landscape", states, "UNSUPPORTED_PLACE_TYPE")
    yield case("v4", "a place with no listing", "nowhere/a.jpg", "landscape", states, "PLACE_NOT_FOUND")
    yield case("v4", "a key without a place", "a.jpg", "landscape", states, "PLACE_NOT_FOUND")


def case(version: str, name: str, key: str, sample: str, states: list[str], reason: str | None = None) -> Case:
    return Case(version=version, name=name, key=key, sample=sample, states=tuple(states), reason=reason)


def body(deployment: Any, sample: str) -> bytes:
    match sample:
        case "empty":
            return b""
        case "png":
            return encoded((1200, 900), "PNG")
        case "tiny_png":
            return encoded((40, 30), "PNG")
        case "medium":
            return encoded((600, 600), "JPEG")
    path: Path = getattr(deployment.samples, sample)
    return path.read_bytes()


def encoded(size: tuple[int, int], image_format: str) -> bytes:
    buffer = io.BytesIO()
    Image.linear_gradient("L").resize(size).convert("RGB").save(buffer, image_format)
    return buffer.getvalue()


@pytest.fixture(scope="module")
def outcomes(deployment: Any) -> dict[Case, Any]:
    """What became of every case, all of them under way at once."""
    fixture = {
        "key": "*/unsafe.jpg",
        "answers": {"DetectModerationLabels": [{"response": {"ModerationLabels": [UNSAFE]}}]},
    }
    deployment.put_fixture("unsafe", fixture)
    todo = list(cases())
    with ThreadPoolExecutor(8) as pool:
        done = pool.map(
            lambda case: deployment.outcome(version=case.version, key=case.key, body=body(deployment, case.sample)),
            todo,
        )
        return dict(zip(todo, done, strict=True))


each_case = pytest.mark.parametrize("case", list(cases()), ids=str)


@each_case
def test_an_upload_visits_the_states_of_its_route(outcomes: dict[Case, Any], case: Case) -> None:
    assert outcomes[case].states == ["Folder marker?", *case.states]


@each_case
def test_an_upload_has_the_outcome_and_reason_of_its_route(outcomes: dict[Case, Any], case: Case) -> None:
    record = outcomes[case].record
    status = "PUBLISHED" if case.reason is None else "REJECTED"
    assert (record["status"], record.get("reason")) == (status, case.reason)


@each_case
def test_the_record_agrees_with_the_execution(outcomes: dict[Case, Any], case: Case) -> None:
    outcome = outcomes[case]
    assert outcome.status == "SUCCEEDED"
    assert outcome.output["status"] == outcome.record["status"]
    assert outcome.output.get("reason") == outcome.record.get("reason")
    assert outcome.record["executionArn"] == outcome.execution
    assert outcome.record["version"] == case.version
    assert outcome.record["placeId"] == case.key.split("/")[0]


@each_case
def test_only_published_uploads_have_renditions(deployment: Any, outcomes: dict[Case, Any], case: Case) -> None:
    there = deployment.published(version=case.version, key=case.key)
    execution = outcomes[case].execution
    names = [] if case.reason else ["scaled.jpg", "tile.jpg"]
    wanted = [deployment.rendition_key(execution=execution, key=case.key, name=name) for name in names]
    assert sorted(there) == wanted
    assert sorted(one["key"] for one in outcomes[case].record.get("renditions", [])) == wanted


@each_case
def test_the_original_is_unchanged(deployment: Any, outcomes: dict[Case, Any], case: Case) -> None:
    assert case in outcomes
    stored = deployment.aws.s3.get_object(Bucket=deployment.workflows[case.version].upload_bucket, Key=case.key)
    assert stored["Body"].read() == body(deployment, case.sample)


def find(outcomes: dict[Case, Any], version: str, name: str) -> tuple[Case, Any]:
    return next((case, outcome) for case, outcome in outcomes.items() if (case.version, case.name) == (version, name))


def test_a_published_upload_has_an_asset_and_one_announcement(deployment: Any, outcomes: dict[Case, Any]) -> None:
    case, outcome = find(outcomes, "v4", "nobody in a bistro")
    asset = deployment.asset(version="v4", key=case.key)
    assert asset["renditions"] == outcome.record["renditions"]
    assert (asset["width"], asset["height"]) == (2400, 1600)
    (event,) = deployment.announcements(key=case.key, count=1)
    assert event["detail-type"] == "Image Published"
    assert event["detail"]["executionArn"] == outcome.execution


def test_a_rejected_upload_has_no_asset_and_one_announcement(deployment: Any, outcomes: dict[Case, Any]) -> None:
    case, outcome = find(outcomes, "v4", "a person in a bistro")
    assert deployment.asset(version="v4", key=case.key) is None
    (event,) = deployment.announcements(key=case.key, count=1)
    assert event["detail-type"] == "Image Rejected"
    bucket = deployment.workflows["v4"].upload_bucket
    head = deployment.aws.s3.head_object(Bucket=bucket, Key=case.key)
    assert event["detail"]["detail"]["people"] == 1
    assert event["detail"] == {
        "bucket": bucket,
        "key": case.key,
        "versionId": head["VersionId"],
        "placeId": "bistro",
        "status": "REJECTED",
        "reason": "NO_PEOPLE_ALLOWED",
        "detail": json.loads(outcome.record["detail"]),
        "renditions": [],
        "removed": [],
        "workflow": deployment.workflows["v4"].workflow_id,
        "version": "v4",
        "executionArn": outcome.execution,
    }


def test_the_record_of_an_unsafe_image_names_the_labels(outcomes: dict[Case, Any]) -> None:
    _, outcome = find(outcomes, "v2", "an unsafe image")
    assert json.loads(outcome.record["detail"]) == {"labels": [{"name": "Violence", "confidence": 98}]}


def test_the_record_of_an_unlisted_place_names_it(outcomes: dict[Case, Any]) -> None:
    _, outcome = find(outcomes, "v4", "a place of another type")
    assert json.loads(outcome.record["detail"]) == {"placeId": "lido", "placeType": "swimming pool"}


@pytest.mark.parametrize("version", VERSIONS)
def test_a_rotated_portrait_is_published_upright_without_its_position(
    deployment: Any, outcomes: dict[Case, Any], version: str
) -> None:
    case, outcome = find(outcomes, version, "a sideways portrait")
    assert (outcome.record["dimensions"]["width"], outcome.record["dimensions"]["height"]) == (1200, 1600)
    key = deployment.rendition_key(execution=outcome.execution, key=case.key, name="scaled.jpg")
    scaled = Image.open(io.BytesIO(deployment.rendition(version=version, key=key)))
    assert scaled.size == (600, 800)
    assert dict(scaled.getexif()) == {}


def test_a_small_image_is_not_enlarged(deployment: Any, outcomes: dict[Case, Any]) -> None:
    case, outcome = find(outcomes, "v1", "a small image")
    keys = [
        deployment.rendition_key(execution=outcome.execution, key=case.key, name=name)
        for name in ("scaled.jpg", "tile.jpg")
    ]
    sizes = [Image.open(io.BytesIO(deployment.rendition(version="v1", key=key))).size for key in keys]
    assert sizes == [(300, 200), (200, 200)]


def test_a_png_is_published_as_jpeg(deployment: Any, outcomes: dict[Case, Any]) -> None:
    case, outcome = find(outcomes, "v1", "a PNG")
    key = deployment.rendition_key(execution=outcome.execution, key=case.key, name="tile.jpg")
    assert Image.open(io.BytesIO(deployment.rendition(version="v1", key=key))).format == "JPEG"


def test_versions_run_side_by_side_for_their_own_uploads(deployment: Any, outcomes: dict[Case, Any]) -> None:
    case, outcome = find(outcomes, "v3", "a large landscape")
    etag = deployment.aws.s3.head_object(Bucket=deployment.workflows["v3"].upload_bucket, Key=case.key)["ETag"].strip(
        '"'
    )
    found = deployment.executions(version="v3", key=case.key, etag=etag)
    assert [execution["executionArn"] for execution in found] == [outcome.execution]


@pytest.mark.parametrize("version", [*VERSIONS, "v5"])
def test_a_copy_of_a_rendition_in_the_upload_bucket_is_rejected(deployment: Any, version: str) -> None:
    deployment.outcome(version=version, key="riverside/original.jpg", body=body(deployment, "landscape"))
    rendition, *_ = deployment.published(version=version, key="riverside/original.jpg")
    workflow, key = deployment.workflows[version], f"riverside/copy-{version}.jpg"
    copied = deployment.aws.s3.copy_object(
        CopySource={"Bucket": workflow.published_bucket, "Key": rendition},
        Bucket=workflow.upload_bucket,
        Key=key,
    )
    etag = copied["CopyObjectResult"]["ETag"].strip('"')
    (execution,) = deployment.wait_for_executions(version=version, key=key, etag=etag, count=1)
    record = deployment.outcome_of(version=version, execution=execution).record
    assert (record["status"], record["reason"]) == ("REJECTED", "OWN_RENDITION")
    (event,) = deployment.announcements(key=key, count=1)
    assert (event["detail-type"], event["detail"]["reason"]) == ("Image Rejected", "OWN_RENDITION")
    assert deployment.published(version=version, key=key) == []


def test_no_label_of_a_person_and_no_image_content_is_in_a_functions_log(
    deployment: Any, outcomes: dict[Case, Any]
) -> None:
    assert outcomes
    logs = deployment.logs()
    assert any("detect_labels" in line for line in logs)
    assert not any("Person" in line for line in logs)
