from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from botocore.exceptions import ClientError
from tests.unit.delivery_functions.delivering import Delivering, photograph

from awskit import clients
from awskit.delivery import clients as delivery_clients
from safelight_contracts.delivery.result_keys import source_prefix, verdict_prefix


def test_all_results_of_a_source_are_deleted_and_no_others(delivering: Delivering) -> None:
    for key in ("a.jpg", "a.jpg.jpg"):
        delivering.put(photograph(), key=key)
        for query in ("preset=card", "preset=auto", "width=100", "width=100&v=00000000"):
            assert delivering.send(f"/{key}", query).status == 200
    assert delivering.forget("a.jpg") == []
    others = source_prefix(bucket=delivering.source, key="a.jpg.jpg")
    left = delivering.stored("")
    assert left
    assert all(key.startswith(others) for key in left)


def test_what_detectors_found_in_a_source_is_deleted(delivering: Delivering) -> None:
    prefix = verdict_prefix(bucket=delivering.source, key="a.jpg")
    delivering.emulator.endpoints.s3.put_object(Bucket=delivering.results, Key=f"{prefix}0/faces", Body=b"[]")
    assert delivering.forget("a.jpg") == []
    assert delivering.stored("") == []


def test_more_results_than_one_request_can_list_or_delete_are_deleted(delivering: Delivering) -> None:
    prefix = source_prefix(bucket=delivering.source, key="a.jpg")
    for number in range(1001):
        delivering.emulator.endpoints.s3.put_object(Bucket=delivering.results, Key=f"{prefix}live/{number}", Body=b"")
    assert delivering.forget("a.jpg") == []
    assert delivering.stored("") == []


def test_an_event_that_comes_twice_or_late_does_no_harm(delivering: Delivering) -> None:
    delivering.put(photograph())
    before = delivering.get(preset="card")
    assert delivering.forget("a.jpg", "a.jpg", "never-there.jpg") == []
    assert delivering.get(preset="card") == before


def test_the_events_of_a_workflow_are_about_uploads(delivering: Delivering) -> None:
    delivering.put(photograph(), key="p1/a.jpg")
    delivering.get("p1/a.jpg", preset="card")
    for detail_type in ("Image Published", "Image Withdrawn", "Image Rejected"):
        event = {"source": "safelight", "detail-type": detail_type, "detail": {"bucket": "uploads", "key": "p1/a.jpg"}}
        assert delivering.forget_messages(event) == []
    assert delivering.stored() == []


def test_a_message_that_is_no_event_comes_again_and_the_others_are_handled(delivering: Delivering) -> None:
    delivering.put(photograph())
    delivering.get(preset="card")
    good = {"source": "aws.s3", "detail": {"bucket": {"name": delivering.source}, "object": {"key": "a.jpg"}}}
    assert delivering.forget_messages({"source": "aws.ec2", "detail": {}}, good, {}) == ["0", "2"]
    assert delivering.stored() == []


def test_a_busy_s3_makes_the_event_come_again(delivering: Delivering, make_s3_busy: Callable[[str], None]) -> None:
    make_s3_busy("ListObjectsV2")
    assert delivering.forget("a.jpg") == ["0"]


def test_an_object_that_s3_did_not_delete_makes_the_event_come_again(delivering: Delivering) -> None:
    prefix = source_prefix(bucket=delivering.source, key="a.jpg")
    delivering.emulator.endpoints.s3.put_object(Bucket=delivering.results, Key=f"{prefix}live/a", Body=b"")
    # Named as a fake, because no emulator fails for one key.
    fake = {"Errors": [{"Key": prefix, "Code": "InternalError"}]}
    clients.s3().meta.events.register("after-call.s3.DeleteObjects", lambda parsed, **_: parsed.update(fake))
    assert delivering.forget("a.jpg") == ["0"]


@pytest.fixture
def distribution(delivering: Delivering, monkeypatch: pytest.MonkeyPatch) -> str:  # noqa: ARG001 - the endpoint
    """Make a distribution, and tell the function its id."""
    origin = {
        "Id": "o",
        "DomainName": "example.com",
        "CustomOriginConfig": {"HTTPPort": 80, "HTTPSPort": 443, "OriginProtocolPolicy": "https-only"},
    }
    config: dict[str, Any] = {
        "CallerReference": uuid4().hex,
        "Comment": "",
        "Enabled": True,
        "Origins": {"Quantity": 1, "Items": [origin]},
        "DefaultCacheBehavior": {"TargetOriginId": "o", "ViewerProtocolPolicy": "https-only"},
    }
    made: str = delivery_clients.cloudfront().create_distribution(DistributionConfig=config)["Distribution"]["Id"]
    monkeypatch.setenv("DISTRIBUTION_ID", made)
    return made


def invalidated(distribution: str) -> list[list[str]]:
    """The paths of each invalidation."""
    cloudfront = delivery_clients.cloudfront()
    found = cloudfront.list_invalidations(DistributionId=distribution)["InvalidationList"].get("Items", [])
    return [
        cloudfront.get_invalidation(DistributionId=distribution, Id=one["Id"])["Invalidation"]["InvalidationBatch"][
            "Paths"
        ]["Items"]
        for one in found
    ]


def test_a_batch_is_one_invalidation_with_one_path_a_source(delivering: Delivering, distribution: str) -> None:
    assert delivering.forget("a.jpg", "b.jpg", "a.jpg") == []
    (paths,) = invalidated(distribution)
    assert sorted(paths) == sorted(
        f"/{source_prefix(bucket=delivering.source, key=key)}*" for key in ("a.jpg", "b.jpg")
    )


def test_too_many_invalidations_make_the_events_come_again(delivering: Delivering, distribution: str) -> None:
    def refuse(**_: object) -> None:
        refusal: Any = {
            "Error": {"Code": "TooManyInvalidationsInProgress"},
            "ResponseMetadata": {"HTTPStatusCode": 400},
        }
        raise ClientError(refusal, "CreateInvalidation")

    delivery_clients.cloudfront().meta.events.register("before-call.cloudfront.CreateInvalidation", refuse)
    assert sorted(delivering.forget("a.jpg", "b.jpg")) == ["0", "1"]
    assert invalidated(distribution) == []
