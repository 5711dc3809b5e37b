"""Arguments that contradict one another get a message with the way out."""

from collections.abc import Callable
from typing import Any

import pytest
from aws_cdk import App, Environment, Stack, aws_s3

from safelight import Architecture, Detector, Platform, Redact, RedactionService

SERVICE: Any = RedactionService


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Stack:
    app = App(outdir=str(tmp_path_factory.mktemp("cdk.out")), context={"safelight:platform": "local"})
    return Stack(app, "Test", env=Environment(account="111122223333", region="eu-west-1"))


@pytest.fixture
def redact(stack: Stack, request: pytest.FixtureRequest) -> Callable[..., None]:
    """Make a service, which a test expects to fail."""

    def make(**arguments: Any) -> None:
        id = f"Redaction{abs(hash(request.node.nodeid))}"
        buckets = {
            name: aws_s3.Bucket.from_bucket_name(stack, f"{id}{name}", bucket)
            for name, bucket in (("source", "photos"), ("destination", "copies"))
        }
        SERVICE(stack, id, **buckets, **arguments)

    return make


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"calls_per_second": 0}, r"calls_per_second=0 must be 1 to 50.*quotas"),
        ({"calls_per_second": 51}, r"calls_per_second=51 must be 1 to 50"),
        (
            {"calls_per_second": 5, "redact": Redact(detector=Detector.OPENCV)},
            r"calls_per_second.*Detector\.OPENCV.*Omit calls_per_second",
        ),
        (
            {
                "platform": Platform(architecture=Architecture.X86_64),
                "redact": Redact(detector=Detector.OPENCV),
            },
            r"Detector\.OPENCV.*x86_64.*Architecture\.ARM64",
        ),
        ({"source_prefix": "incoming"}, r"source_prefix='incoming' must be like"),
        ({"destination_prefix": "/copies"}, r"destination_prefix='/copies' must be like"),
    ],
    ids=str,
)
def test_arguments_that_contradict_one_another_are_refused(
    redact: Callable[..., None], arguments: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        redact(**arguments)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"redact": True}, r"redact.*Redact"),
        ({"calls_per_second": "5"}, r"calls_per_second.*int"),
        ({"event_bus": "outcomes"}, r"event_bus.*from_event_bus_name"),
    ],
    ids=str,
)
def test_a_wrong_type_is_named_with_what_to_pass(
    redact: Callable[..., None], arguments: dict[str, Any], message: str
) -> None:
    with pytest.raises(TypeError, match=message):
        redact(**arguments)
