"""Every redaction refuses buckets and buses from which, or to which, nothing would get."""

from collections.abc import Callable
from typing import Any

import pytest
from aws_cdk import App, Environment, Stack, aws_events, aws_s3

from safelight import DicomDeidentification, RedactionService, VideoRedaction

SYSTEMS: dict[str, tuple[Any, tuple[str, ...]]] = {
    "photographs": (RedactionService, ("destination",)),
    "videos": (VideoRedaction, ("destination",)),
    "medical images": (DicomDeidentification, ("destination", "quarantine")),
}


@pytest.fixture(params=SYSTEMS)
def redact(request: pytest.FixtureRequest) -> Callable[..., None]:
    """Make a redaction, which a test expects to fail. A value that is called gets the stack."""
    system, targets = SYSTEMS[request.param]

    def make(**arguments: Any) -> None:
        stack = Stack(
            App(context={"safelight:platform": "local"}),
            "Test",
            env=Environment(account="111122223333", region="eu-west-1"),
        )
        buckets = {name: aws_s3.Bucket.from_bucket_name(stack, name, name) for name in ("source", *targets)}
        given = {name: value(stack) if callable(value) else value for name, value in arguments.items()}
        system(stack, "Redaction", **buckets | given)

    return make


def elsewhere(stack: Stack) -> aws_s3.IBucket:
    return aws_s3.Bucket.from_bucket_attributes(stack, "Far", bucket_name="far", region="us-east-1")


def source(stack: Stack) -> aws_s3.IBucket:
    return aws_s3.Bucket.from_bucket_name(stack, "Same", "source")


def test_a_source_of_another_region_is_refused(redact: Callable[..., None]) -> None:
    with pytest.raises(ValueError, match=r"source .* region us-east-1.*nothing would be redacted"):
        redact(source=elsewhere)


def test_a_destination_of_another_region_is_refused(redact: Callable[..., None]) -> None:
    with pytest.raises(ValueError, match=r"destination .* region us-east-1.*replicate"):
        redact(destination=elsewhere)


def test_a_bus_of_another_region_is_refused(redact: Callable[..., None]) -> None:
    arn = "arn:aws:events:us-east-1:111122223333:event-bus/far"
    with pytest.raises(ValueError, match=r"event_bus .* region us-east-1"):
        redact(event_bus=lambda stack: aws_events.EventBus.from_event_bus_arn(stack, "FarBus", arn))


@pytest.mark.parametrize(
    ("source_prefix", "destination_prefix"), [("", ""), ("", "b/"), ("a/", ""), ("a/", "a/b/"), ("a/b/", "a/")]
)
def test_prefixes_of_one_bucket_that_overlap_are_refused(
    redact: Callable[..., None], source_prefix: str, destination_prefix: str
) -> None:
    with pytest.raises(ValueError, match=r"destination is source.*overlap"):
        redact(destination=source, source_prefix=source_prefix, destination_prefix=destination_prefix)
