import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest
from botocore.exceptions import ClientError
from tests.unit.delivery_functions.delivering import Delivering, photograph
from tests.unit.delivery_functions.test_permissions import from_edge

from awskit import clients
from awskit.clients import sqs
from awskit.delivery import clients as delivery_clients
from awskit.delivery.forgetting import invalidate
from safelight_contracts.delivery.result_keys import ALL_RESULTS, cached_key, source_prefix, verdict_prefix
from safelight_contracts.delivery.settings import DeliverySettings


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


def test_results_on_several_pages_of_a_list_are_deleted(delivering: Delivering) -> None:
    prefix = source_prefix(bucket=delivering.source, key="a.jpg")
    for number in range(5):
        delivering.emulator.endpoints.s3.put_object(Bucket=delivering.results, Key=f"{prefix}live/{number}", Body=b"")
    clients.s3().meta.events.register(
        "provide-client-params.s3.ListObjectsV2", lambda params, **_: params.update(MaxKeys=2)
    )
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


@pytest.fixture
def cached(
    delivering: Delivering, configure: Callable[[DeliverySettings], Delivering], settings: DeliverySettings
) -> Delivering:
    """A delivery with CloudFront, which has asked for an image of each of two sources."""
    configure(replace(settings, has_edge=True))
    for key in ("a.jpg", "b.jpg"):
        delivering.put(photograph(), key=key)
        ask_by_cloudfront(delivering, settings=settings, key=key)
    return delivering


def ask_by_cloudfront(delivering: Delivering, *, settings: DeliverySettings, key: str) -> None:
    path, headers = from_edge("preset=card", settings=settings, key=key)
    assert delivering.send(path, headers=headers).status == 200


def paths_of(delivering: Delivering, *keys: str) -> list[str]:
    return sorted(f"/{source_prefix(bucket=delivering.source, key=key)}*" for key in keys)


def test_a_batch_is_one_invalidation_with_one_path_a_source(cached: Delivering, distribution: str) -> None:
    assert cached.forget("a.jpg", "b.jpg", "a.jpg") == []
    (paths,) = invalidated(distribution)
    assert sorted(paths) == paths_of(cached, "a.jpg", "b.jpg")


def test_a_source_that_nobody_asked_for_costs_no_invalidation(cached: Delivering, distribution: str) -> None:
    assert cached.forget("never-asked-for.jpg") == []
    assert invalidated(distribution) == []
    assert cached.forget("a.jpg", "never-asked-for.jpg") == []
    assert invalidated(distribution) == [paths_of(cached, "a.jpg")]


def test_a_source_is_invalidated_after_its_results_have_expired(cached: Delivering, distribution: str) -> None:
    for key in cached.stored():
        cached.emulator.endpoints.s3.delete_object(Bucket=cached.results, Key=key)
    assert cached.forget("a.jpg") == []
    assert invalidated(distribution) == [paths_of(cached, "a.jpg")]


def test_a_source_is_marked_before_cloudfront_can_find_a_result(
    cached: Delivering, settings: DeliverySettings, writes: list[str]
) -> None:
    cached.put(photograph(), key="new.jpg")
    ask_by_cloudfront(cached, settings=settings, key="new.jpg")
    mark = cached_key(bucket=cached.source, key="new.jpg")
    (result,) = (key for key in writes if key.startswith(ALL_RESULTS))
    assert writes.index(mark) < writes.index(result)


def test_a_source_is_marked_once(cached: Delivering, settings: DeliverySettings, writes: list[str]) -> None:
    assert cached.forget("a.jpg") == []
    ask_by_cloudfront(cached, settings=settings, key="a.jpg")
    assert cached_key(bucket=cached.source, key="a.jpg") not in writes


def test_a_stale_result_is_invalidated_when_it_is_reported(
    cached: Delivering,
    configure: Callable[[DeliverySettings], Delivering],
    settings: DeliverySettings,
    distribution: str,
    before_storing: Callable[[Callable[[], object]], None],
) -> None:
    queue = sqs().create_queue(QueueName=uuid4().hex)["QueueUrl"]
    configure(replace(settings, has_edge=True, forget_queue=queue))
    cached.put(photograph(), key="new.jpg")
    before_storing(lambda: cached.put(photograph("chelsea.png"), key="new.jpg"))
    ask_by_cloudfront(cached, settings=settings, key="new.jpg")
    (message,) = sqs().receive_message(QueueUrl=queue, WaitTimeSeconds=20)["Messages"]
    assert cached.forget_messages(json.loads(message["Body"])) == []
    assert invalidated(distribution) == [paths_of(cached, "new.jpg")]


def test_many_sources_are_invalidated_by_one_path(distribution: str) -> None:
    invalidate([f"r1/{number}/" for number in range(11)], distribution=distribution)
    assert invalidated(distribution) == [["/r1/*"]]


@pytest.fixture
def too_many_invalidations(distribution: str) -> str:
    """Let CloudFront have no room for another invalidation."""

    def refuse(**_: object) -> None:
        refusal: Any = {
            "Error": {"Code": "TooManyInvalidationsInProgress"},
            "ResponseMetadata": {"HTTPStatusCode": 400},
        }
        raise ClientError(refusal, "CreateInvalidation")

    delivery_clients.cloudfront().meta.events.register("before-call.cloudfront.CreateInvalidation", refuse)
    return distribution


def test_too_many_invalidations_make_the_events_come_again(cached: Delivering, too_many_invalidations: str) -> None:
    assert sorted(cached.forget("a.jpg", "b.jpg")) == ["0", "1"]
    assert invalidated(too_many_invalidations) == []
    assert cached.stored() == []


@pytest.mark.parametrize(("received", "delay"), [(1, 60), (2, 360), (3, 1800), (20, 1800)])
@pytest.mark.usefixtures("too_many_invalidations")
def test_too_many_invalidations_delay_the_events_more_each_time(cached: Delivering, received: int, delay: int) -> None:
    name = uuid4().hex
    queue = sqs().create_queue(QueueName=name)["QueueUrl"]
    body = {"source": "aws.s3", "detail": {"bucket": {"name": cached.source}, "object": {"key": "a.jpg"}}}
    sqs().send_message(QueueUrl=queue, MessageBody=json.dumps(body))
    (message,) = sqs().receive_message(QueueUrl=queue, WaitTimeSeconds=20)["Messages"]
    delays = []
    sqs().meta.events.register(
        "provide-client-params.sqs.ChangeMessageVisibility",
        lambda params, **_: delays.append((params["QueueUrl"], params["VisibilityTimeout"])),
    )
    record = {
        "messageId": "m",
        "body": message["Body"],
        "receiptHandle": message["ReceiptHandle"],
        "attributes": {"ApproximateReceiveCount": str(received)},
        "eventSourceARN": f"arn:aws:sqs:us-east-1:000000000000:{name}",
    }
    assert cached.forget_records(record) == ["m"]
    assert delays == [(queue, delay)]
