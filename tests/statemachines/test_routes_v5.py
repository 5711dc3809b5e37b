"""Workflow v5 deployed for real with permissions enforced: routes as data, every input type, and rejected uploads."""

import copy
import io
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from tests.statemachines.conftest import Deployment, running_deployment
from tests.unit.pictures import corners_of, encoded, four_corners, heic
from tests.unit.raw_pictures import dng

APP = Path(__file__).with_name("routes_v5.py")
PLACES = {
    "riverside": "park",
    "bistro": "restaurant",
    "desk": "id-card",
    "bank": "vault",
    "hall": "gallery",
    "lido": "swimming pool",
}

CLAIMED = ["Folder marker?", "Claim", "Get place type from DynamoDB", "Route?"]
CHECKED = [*CLAIMED, "Prepare", "Checks", "Verdict?"]
PUBLISHED = [*CHECKED, "Render", "Publish"]
REJECTED = ["RecordFailState", "Anything to remove?", "Announce Rejection", "Rejected"]
REMOVED = [*REJECTED[:2], "Remove Rejected", *REJECTED[2:]]
FAILED = ["RecordError", "Announce Failure", "Failure Announced", "Failed"]

VIOLENCE = {"Name": "Violence", "Confidence": 98.0, "ParentName": "", "TaxonomyLevel": 1}
ALCOHOL = {"Name": "Alcohol", "Confidence": 97.0, "ParentName": "", "TaxonomyLevel": 1}
LICENSE = {"Labels": [{"Name": name, "Confidence": 99.0} for name in ("Driving License", "Person")]}
STREET = {"Labels": [{"Name": "Street", "Confidence": 99.0}]}
NEW_YORK = {"TextDetections": [{"DetectedText": "NEW YORK STATE", "Type": "LINE", "Id": 0, "Confidence": 99.0}]}
DENIED = {"error": {"code": "AccessDeniedException", "message": "Rekognition is not for you"}}


def moderated(*labels: dict[str, Any]) -> dict[str, Any]:
    return {"DetectModerationLabels": [{"response": {"ModerationLabels": list(labels)}}]}


# What the stand-in answers for uploads of these names, where no model can see it.
FIXTURES = {
    "violent": moderated(VIOLENCE),
    "wine": moderated(ALCOHOL),
    "broken": {"DetectModerationLabels": [DENIED]},
    "license": {"DetectLabels": [{"response": LICENSE}], "DetectText": [{"response": NEW_YORK}]},
    "no-words": {"DetectLabels": [{"response": LICENSE}], "DetectText": [{"response": {"TextDetections": []}}]},
    "street": {"DetectLabels": [{"response": STREET}], "DetectText": [{"response": {"TextDetections": []}}]},
}
PICTURE = four_corners(240, 160)
INPUTS = {
    "PNG": encoded(PICTURE, "PNG"),
    "WebP": encoded(PICTURE, "WEBP", lossless=True),
    "GIF": encoded(PICTURE, "GIF"),
    "TIFF": encoded(PICTURE, "TIFF"),
    "BMP": encoded(PICTURE, "BMP"),
    "AVIF": encoded(PICTURE, "AVIF"),
    "HEIC": heic("orientation_1"),
    "RAW": dng(PICTURE),
}


@dataclass(frozen=True, kw_only=True)
class Case:
    """An upload, the states it passes through, its reason if rejected, and the verdicts of its checks in order."""

    workflow: str
    key: str
    sample: str
    states: tuple[str, ...]
    reason: str | None
    verdicts: tuple[tuple[str, str | None], ...]

    def __str__(self) -> str:
        return f"{self.workflow}: {self.key}"


def case(
    key: str,
    states: list[str],
    *verdicts: tuple[str, str | None],
    workflow: str = "keep",
    reason: str | None = None,
    sample: str = "landscape",
) -> Case:
    return Case(
        workflow=workflow, key=key, sample=sample, states=tuple(states), reason=reason, verdicts=tuple(verdicts)
    )


PASSED, UNSAFE = ("moderation", None), ("moderation", "FAILED_MODERATION")
NOBODY, SOMEBODY = ("no_people", None), ("no_people", "NO_PEOPLE_ALLOWED")
UNMADE = ("moderation", "CHECK_NOT_MADE")
PEOPLE = "NO_PEOPLE_ALLOWED"

CASES = [
    case("riverside/coffee.jpg", PUBLISHED, PASSED),
    case("riverside/wine.jpg", PUBLISHED, PASSED),
    case("riverside/violent.jpg", CHECKED + REJECTED, UNSAFE, reason="FAILED_MODERATION"),
    case("bistro/coffee.jpg", PUBLISHED, PASSED, NOBODY),
    case("bistro/wine.jpg", CHECKED + REJECTED, UNSAFE, NOBODY, reason="FAILED_MODERATION"),
    case("bistro/me.jpg", CHECKED + REJECTED, PASSED, SOMEBODY, reason=PEOPLE, sample="person"),
    case("bistro/violent.jpg", CHECKED + REJECTED, UNSAFE, SOMEBODY, reason="FAILED_MODERATION", sample="person"),
    case("bistro/me/broken.jpg", CHECKED + REJECTED, UNMADE, SOMEBODY, reason=PEOPLE, sample="person"),
    case("bistro/broken.jpg", CHECKED + FAILED, UNMADE, NOBODY),
    case("bank/broken.jpg", CHECKED + REJECTED, UNMADE, reason="CHECK_NOT_MADE"),
    case("desk/license.jpg", PUBLISHED, ("labels", None), ("words", None)),
    case("desk/no-words.jpg", CHECKED + REJECTED, ("labels", None), ("words", "MISSING_WORDS"), reason="MISSING_WORDS"),
    case(
        "desk/street.jpg",
        CHECKED + REJECTED,
        ("labels", "MISSING_LABELS"),
        ("words", "MISSING_WORDS"),
        reason="MISSING_LABELS",
    ),
    case("hall/violent.jpg", PUBLISHED),
    case("lido/coffee.jpg", CLAIMED + REJECTED, reason="UNSUPPORTED_PLACE_TYPE"),
    case("nowhere/coffee.jpg", CLAIMED + REJECTED, reason="PLACE_NOT_FOUND"),
    *(case(f"riverside/{name}.{name.lower()}", PUBLISHED, PASSED, sample=name) for name in INPUTS),
    case("riverside/violent.jpg", CHECKED + REMOVED, UNSAFE, workflow="move", reason="FAILED_MODERATION"),
    case("nowhere/coffee.jpg", PUBLISHED, PASSED, workflow="move"),
    case("nowhere/violent.jpg", CHECKED + REMOVED, UNSAFE, workflow="move", reason="FAILED_MODERATION"),
    case("riverside/violent.jpg", CHECKED + REMOVED, UNSAFE, workflow="delete", reason="FAILED_MODERATION"),
    case("riverside/small.jpg", CHECKED + REMOVED, workflow="delete", reason="IMAGE_TOO_SMALL", sample="small"),
    case("riverside/coffee.jpg", PUBLISHED, PASSED, workflow="delete"),
    case("bank/broken.jpg", CHECKED + REJECTED, UNMADE, workflow="delete", reason="CHECK_NOT_MADE"),
    case("lido/coffee.jpg", CLAIMED + REJECTED, workflow="delete", reason="UNSUPPORTED_PLACE_TYPE"),
    case("nowhere/coffee.jpg", CLAIMED + REJECTED, workflow="delete", reason="PLACE_NOT_FOUND"),
]
each_case = pytest.mark.parametrize("case", CASES, ids=str)


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    with running_deployment(tmp_path_factory.mktemp("deployment"), app=APP, places=PLACES) as deployment:
        for name, answers in FIXTURES.items():
            deployment.put_fixture(name, {"key": f"*/{name}.jpg", "answers": answers})
        yield deployment


def body(deployed: Deployment, sample: str) -> bytes:
    if sample in INPUTS:
        return INPUTS[sample]
    path: Path = getattr(deployed.samples, sample)
    return path.read_bytes()


@pytest.fixture(scope="module")
def outcomes(deployed: Deployment) -> dict[Case, Any]:
    """What became of every case, all of them under way at once."""
    with ThreadPoolExecutor(8) as pool:
        done = pool.map(
            lambda case: deployed.outcome(version=case.workflow, key=case.key, body=body(deployed, case.sample)), CASES
        )
        return dict(zip(CASES, done, strict=True))


def original(deployed: Deployment, *, workflow: str, key: str) -> bytes | None:
    """Return the upload as it lies in its bucket; None when it is gone."""
    try:
        found = deployed.aws.s3.get_object(Bucket=deployed.workflows[workflow].upload_bucket, Key=key)
    except deployed.aws.s3.exceptions.NoSuchKey:
        return None
    return found["Body"].read()


@each_case
def test_an_upload_visits_the_states_of_its_route(outcomes: dict[Case, Any], case: Case) -> None:
    assert outcomes[case].states == list(case.states)


@each_case
def test_an_upload_has_the_outcome_and_reason_of_its_route(outcomes: dict[Case, Any], case: Case) -> None:
    record = outcomes[case].record
    status = "REJECTED" if case.reason else "FAILED" if case.states[-1] == "Failed" else "PUBLISHED"
    assert (record["status"], record.get("reason")) == (status, case.reason)
    assert outcomes[case].status == ("FAILED" if status == "FAILED" else "SUCCEEDED")


@each_case
def test_the_verdicts_of_all_checks_are_recorded_in_the_order_of_the_route(
    outcomes: dict[Case, Any], case: Case
) -> None:
    verdicts = json.loads(outcomes[case].record["checks"])
    assert tuple((verdict["check"], verdict["reason"]) for verdict in verdicts) == case.verdicts
    assert all(verdict["accepted"] is (verdict["reason"] is None) for verdict in verdicts)


@each_case
def test_only_published_uploads_have_renditions(deployed: Deployment, outcomes: dict[Case, Any], case: Case) -> None:
    names = ["tile.avif", "tile.jpg", "tile.webp"] if case.workflow == "keep" else ["scaled.jpg", "tile.jpg"]
    execution = outcomes[case].execution
    keys = [deployed.rendition_key(execution=execution, key=case.key, name=name) for name in names]
    wanted = keys if case.states[-1] == "Publish" else []
    assert sorted(deployed.published(version=case.workflow, key=case.key)) == wanted


@each_case
def test_an_upload_is_removed_only_when_it_was_itself_rejected(
    deployed: Deployment, outcomes: dict[Case, Any], case: Case
) -> None:
    removed = "Remove Rejected" in outcomes[case].states
    wanted = None if removed else body(deployed, case.sample)
    assert original(deployed, workflow=case.workflow, key=case.key) == wanted


@pytest.mark.parametrize("name", INPUTS)
def test_every_input_type_is_published_in_every_format_as_it_is_displayed(
    deployed: Deployment, outcomes: dict[Case, Any], name: str
) -> None:
    (found,) = (case for case in outcomes if case.sample == name)
    record = outcomes[found].record
    assert (record["dimensions"]["width"], record["dimensions"]["height"]) == (240, 160)
    assert record["dimensions"]["type"] == name.upper()
    for rendition in record["renditions"]:
        image = Image.open(io.BytesIO(deployed.rendition(version="keep", key=rendition["key"])))
        assert image.size == (120, 80)
        assert image.format == rendition["type"]
        assert corners_of(image) == corners_of(PICTURE)


def outcome_of(outcomes: dict[Case, Any], *, workflow: str, key: str) -> Any:
    return next(outcome for case, outcome in outcomes.items() if (case.workflow, case.key) == (workflow, key))


@pytest.mark.parametrize("key", ["riverside/violent.jpg", "nowhere/violent.jpg"])
def test_a_quarantined_upload_keeps_its_key(deployed: Deployment, outcomes: dict[Case, Any], key: str) -> None:
    assert outcomes
    stack = deployed.workflows["move"].stack
    resources = deployed.aws.cloudformation.describe_stack_resources(StackName=stack)["StackResources"]
    (quarantine,) = (
        resource["PhysicalResourceId"]
        for resource in resources
        if resource["ResourceType"] == "AWS::S3::Bucket" and resource["LogicalResourceId"].startswith("MoveQuarantine")
    )
    found = deployed.aws.s3.get_object(Bucket=quarantine, Key=key)
    assert found["Body"].read() == body(deployed, "landscape")


def test_an_outcome_is_announced_with_its_route(deployed: Deployment, outcomes: dict[Case, Any]) -> None:
    for workflow, key, route in [
        ("keep", "desk/license.jpg", "id-card"),
        ("keep", "desk/street.jpg", "id-card"),
        ("keep", "bistro/broken.jpg", "restaurant"),
        ("keep", "lido/coffee.jpg", None),
        ("move", "nowhere/violent.jpg", "default"),
    ]:
        outcome = outcome_of(outcomes, workflow=workflow, key=key)
        heard = [
            event
            for event in deployed.announcements(key=key, count=1)
            if event["detail"]["executionArn"] == outcome.execution
        ]
        assert [event["detail"]["route"] for event in heard] == [route]


def test_a_failure_names_the_check_that_could_not_be_made(outcomes: dict[Case, Any]) -> None:
    record = outcome_of(outcomes, workflow="keep", key="bistro/broken.jpg").record
    assert json.loads(record["detail"])["name"] == "CheckNotMade"
    assert json.loads(record["detail"])["cause"].startswith("moderation: AccessDeniedException")


@pytest.mark.parametrize("key", ["riverside/coffee.jpg", "riverside/violent.jpg"])
def test_a_duplicate_event_ends_at_the_claim_and_changes_nothing(
    deployed: Deployment, outcomes: dict[Case, Any], key: str
) -> None:
    first = outcome_of(outcomes, workflow="keep", key=key)
    again = deployed.wait(
        version="keep", execution=deployed.start(version="keep", event=deployed.event_of(first.execution))
    )
    assert again.states == ["Folder marker?", "Claim", "Already Recorded"]
    assert (again.status, again.output) == ("SUCCEEDED", {"status": "DUPLICATE"})
    assert again.record == first.record


def test_an_older_upload_that_arrives_late_is_superseded_and_kept(
    deployed: Deployment, outcomes: dict[Case, Any]
) -> None:
    key = "riverside/coffee.jpg"
    event = copy.deepcopy(deployed.event_of(outcome_of(outcomes, workflow="delete", key=key).execution))
    sequencer = event["detail"]["object"]["sequencer"]
    event["detail"]["object"]["sequencer"] = f"{int(sequencer, 16) - 1:0{len(sequencer)}X}"
    late = deployed.wait(version="delete", execution=deployed.start(version="delete", event=event))
    assert (late.record["status"], late.record["reason"]) == ("REJECTED", "SUPERSEDED")
    assert late.states[-len(REMOVED) :] == REMOVED
    assert original(deployed, workflow="delete", key=key) == body(deployed, "landscape")
    assert len(deployed.published(version="delete", key=key)) == 2


def test_a_reprocess_whose_check_could_not_be_made_leaves_what_is_published(deployed: Deployment) -> None:
    key = "bank/outage.jpg"
    first = deployed.outcome(version="keep", key=key, body=body(deployed, "landscape"))
    event = copy.deepcopy(deployed.event_of(first.execution))
    event["detail"]["reprocess"] = {"id": "again"}
    deployed.put_fixture("outage", {"key": key, "answers": {"DetectModerationLabels": [DENIED]}})
    again = deployed.wait(version="keep", execution=deployed.start(version="keep", event=event))
    assert again.states == [*CHECKED, "RecordFailState", "Release Claim", "Still Published"]
    assert json.loads(again.record.pop("failure"))["name"] == "CHECK_NOT_MADE"
    unchanged = first.record | {"updatedAt": again.record["updatedAt"]}
    assert again.record == unchanged
    assert len(deployed.published(version="keep", key=key)) == 3
    assert deployed.asset(version="keep", key=key) is not None


def test_a_reprocess_publishes_again_and_withdraws_new_rejections(deployed: Deployment) -> None:
    key = "riverside/changed-rules.jpg"
    first = deployed.outcome(version="keep", key=key, body=body(deployed, "landscape"))
    event = copy.deepcopy(deployed.event_of(first.execution))
    event["detail"]["reprocess"] = {"id": "again"}

    second = deployed.wait(version="keep", execution=deployed.start(version="keep", event=event))
    assert (first.record["status"], second.record["status"]) == ("PUBLISHED", "PUBLISHED")
    assert second.record["executionArn"] == second.execution
    assert len(deployed.announcements(key=key, count=2)) == 2

    deployed.put_fixture("changed-rules", {"key": key, "answers": moderated(VIOLENCE)})
    third = deployed.wait(version="keep", execution=deployed.start(version="keep", event=event))
    assert third.states == [*CHECKED, *REMOVED]
    assert (third.record["status"], third.record["reason"]) == ("REJECTED", "FAILED_MODERATION")
    assert "renditions" not in third.record
    assert deployed.published(version="keep", key=key) == []
    assert deployed.asset(version="keep", key=key) is None
    assert original(deployed, workflow="keep", key=key) == body(deployed, "landscape")
