"""Arguments of a wrong type, and values that silently do something else, get a message with the way out."""

from collections.abc import Callable
from typing import Any, cast

import pytest
from aws_cdk import App, CfnParameter, Duration, Environment, Stack, Stage, aws_kms, aws_s3
from constructs import Construct
from hypothesis import given
from hypothesis import strategies as st

import safelight
from safelight import Check, ImageType, ImageWorkflow, Monitoring, OnError, Platform, Release, Reprocess, Route
from safelight.image_workflow.routes import encode_routes
from safelight_contracts.moderation import MODERATION_LABELS

WORKFLOW: Any = ImageWorkflow
CHECK: Any = Check
ROUTE: Any = Route


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Stack:
    return Stack(App(outdir=str(tmp_path_factory.mktemp("cdk.out"))), "Test")


@pytest.fixture(scope="module")
def workflow(stack: Stack) -> ImageWorkflow:
    return ImageWorkflow(stack, "Valid")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"version": "v5"}, r"version is 'v5', a str\. Pass a WorkflowVersion: WorkflowVersion\.V5\."),
        ({"min_pixels": "800"}, r"min_pixels is '800', a str\. Pass an int"),
        ({"allowed_types": ImageType.JPEG}, r"allowed_types is ImageType\.JPEG.*\[ImageType\.JPEG\]"),
        ({"allowed_types": ["jpeg"]}, r"allowed_types\[0\] is 'jpeg'.*ImageType\.JPEG"),
        (
            {"routes": [ROUTE(checks=None)]},
            r"routes is a list\. Pass a dict of str to Route, such as \{'park': Route\(\.\.\.\)\}\.",
        ),
        ({"routes": {"park": [Check.moderation()]}}, r"routes\['park'\] is a list\. Pass a Route"),
        ({"detector": "OPENCV"}, r"detector is 'OPENCV'.*Detector\.OPENCV\."),
        ({"on_reject": "KEEP"}, r"on_reject is 'KEEP'.*OnReject\.KEEP\."),
        ({"on_delete": "withdraw"}, r"on_delete is 'withdraw'.*OnDelete\.WITHDRAW"),
        ({"renditions": ["tile"]}, r"renditions\[0\] is 'tile', a str\. Pass a Rendition"),
        ({"upload_bucket": "photos"}, r"upload_bucket is 'photos'.*Bucket\.from_bucket_name\(self, .*'photos'\)"),
        ({"published_bucket": 5}, r"published_bucket is 5, an int\. Pass an IBucket"),
        ({"records": "records"}, r"records is 'records'.*Table\.from_table_name"),
        ({"event_bus": "bus"}, r"event_bus is 'bus'.*EventBus\.from_event_bus_name"),
        (
            {"upload_bucket": "arn:aws:s3:::photos"},
            r".*Bucket\.from_bucket_arn\(self, .*'arn:aws:s3:::photos'\)",
        ),
        (
            {"encryption_key": "arn:aws:kms:eu-west-1:111122223333:key/1"},
            r".*Key\.from_key_arn\(self, .*'arn:",
        ),
        ({"encryption_key": "alias/x"}, r".*Key\.from_lookup\(self, 'Existing', alias_name='alias/x'\)"),
        (
            {"keep_replaced": 30},
            r"keep_replaced is 30, an int\. Pass a Duration, such as Duration\.days\(30\)",
        ),
        ({"key_prefix": None}, r"key_prefix is None\. Pass a str"),
        ({"platform": "arm64"}, r"platform is 'arm64', a str\. Pass a Platform"),
        ({"removal_policy": "DESTROY"}, r"removal_policy is 'DESTROY'.*RemovalPolicy\.DESTROY"),
        ({"definition": "mine.asl.json"}, r"definition is 'mine\.asl\.json'.*Path\('mine\.asl\.json'\)"),
        ({"functions": {"Stamp": "arn"}}, r"functions\['Stamp'\] is 'arn'.*Function\.from_function_arn"),
        ({"type": "EXPRESS"}, r"type is 'EXPRESS'.*StateMachineType\.EXPRESS"),
        ({"snap_start": "yes"}, r"snap_start is 'yes'.*Pass a bool"),
        ({"release": "canary"}, r"release is 'canary', a str\. Pass a Release"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_an_argument_of_a_wrong_type_is_rejected(stack: Stack, arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(TypeError, match=rf"^ImageWorkflow: {message}"):
        WORKFLOW(stack, "Workflow", **arguments)


def test_a_resource_of_another_kind_is_rejected(stack: Stack) -> None:
    key = aws_kms.Key.from_key_arn(stack, "Key", "arn:aws:kms:eu-west-1:111122223333:key/mine")
    bucket = aws_s3.Bucket.from_bucket_name(stack, "Bucket", "photos")
    with pytest.raises(TypeError, match=r"upload_bucket is .*\. Pass an IBucket\.$"):
        WORKFLOW(stack, "Workflow", upload_bucket=key)
    with pytest.raises(TypeError, match=r"records is .*\. Pass an ITable\.$"):
        WORKFLOW(stack, "Workflow", records=bucket)


@pytest.mark.parametrize(
    "alias",
    [
        lambda stack: aws_kms.Alias.from_alias_name(stack, "Imported", "alias/photos"),
        lambda stack: aws_kms.Alias(stack, "Own", alias_name="alias/own", target_key=aws_kms.Key(stack, "OwnKey")),
    ],
    ids=["imported", "own"],
)
def test_an_alias_is_rejected_as_the_encryption_key(stack: Stack, alias: Callable[[Stack], aws_kms.IAlias]) -> None:
    with pytest.raises(ValueError, match=r"^encryption_key is an alias\..*Key\.from_lookup\(self, .*alias_name="):
        ImageWorkflow(Stack(App(), "Aliased"), "Workflow", encryption_key=alias(stack))


def test_a_key_that_is_looked_up_by_its_alias_is_accepted() -> None:
    stack = Stack(App(), "LookedUp", env=Environment(account="111122223333", region="eu-west-1"))
    key = aws_kms.Key.from_lookup(stack, "Key", alias_name="alias/photos")
    assert ImageWorkflow(stack, "Workflow", encryption_key=key).encryption_key is key


PUBLIC_CONSTRUCTS: list[Any] = [
    public
    for public in map(vars(safelight).get, safelight.__all__)
    if isinstance(public, type) and issubclass(public, Construct)
]


@pytest.mark.parametrize("scope", [App, lambda: Stage(App(), "Dev"), lambda: Construct(App(), "Group")])
@pytest.mark.parametrize("public", PUBLIC_CONSTRUCTS)
def test_a_construct_that_is_not_in_a_stack_is_rejected(
    workflow: ImageWorkflow, public: Any, scope: Callable[[], Construct]
) -> None:
    name = public.__name__
    elsewhere = Stack(App(), "Other")
    bucket, other = (aws_s3.Bucket.from_bucket_name(elsewhere, name, name) for name in ("existing", "another"))
    needs: dict[str, dict[str, Any]] = {
        "ImageDelivery": {"source": bucket, "sizes": [320]},
        "ImageWorkflow": {},
        "Monitoring": {"workflow": workflow},
        "RedactionService": {"source": bucket, "destination": other},
        "Reprocess": {"workflow": workflow},
        "VideoRedaction": {"source": bucket, "destination": other},
        "ResizingWebsite": {"source": bucket, "sizes": [320], "public_read": True},
    }
    message = rf"^{name}: scope is .* not in a stack\. Pass a stack, such as {name}\(Stack\(app, 'MyStack'\), 'Made'\)"
    with pytest.raises(ValueError, match=message):
        public(scope(), "Made", **needs[name])


@pytest.mark.parametrize("email", ["nobody", "@example.com", "ops@", "", "a@b@c", "ops @example.com"])
def test_an_email_that_is_not_an_address_is_rejected(workflow: ImageWorkflow, email: str) -> None:
    with pytest.raises(ValueError, match=rf"^email='{email}' is not an address\. Use one such as"):
        Monitoring(Stack.of(workflow), "Monitoring", workflow=workflow, email=email)


def test_an_email_can_be_a_token(workflow: ImageWorkflow) -> None:
    stack = Stack.of(workflow)
    address = CfnParameter(stack, "Address").value_as_string
    assert Monitoring(stack, "Tokens", workflow=workflow, email=address).alarms


def test_an_unknown_or_missing_argument_is_named_with_its_class(stack: Stack) -> None:
    with pytest.raises(TypeError, match=r"^ImageWorkflow: there is no argument min_pixel\. Did you mean min_pixels\?$"):
        WORKFLOW(stack, "Workflow", min_pixel=800)
    with pytest.raises(TypeError, match=r"^Monitoring: the argument workflow is missing\.$"):
        cast(Any, Monitoring)(stack, "Monitoring")


def test_a_scope_that_is_not_a_construct_is_rejected() -> None:
    with pytest.raises(TypeError, match=r"ImageWorkflow: scope is 'Stack', a str\. Pass a Construct"):
        WORKFLOW("Stack", "Workflow")


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (
            lambda stack: cast(Any, Reprocess)(stack, "R", workflow=stack),
            r"Reprocess: workflow .* Pass an ImageWorkflow",
        ),
        (
            lambda stack: cast(Any, Monitoring)(stack, "M", workflow="w"),
            r"Monitoring: workflow .* Pass an ImageWorkflow",
        ),
        (
            lambda _: cast(Any, Release.canary)(percent=10, bake=5),
            r"Release\.canary: bake is 5.*Duration\.seconds\(5\)",
        ),
        (lambda _: cast(Any, Release.linear)(percent="10", interval=Duration.minutes(5)), r"percent is '10'"),
        (lambda _: cast(Any, Platform)(architecture="arm64"), r"architecture is 'arm64'.*Architecture\.ARM64"),
        (lambda _: ROUTE(checks=Check.moderation()), r"Route: checks is a Check\. Pass a list of Check"),
        (lambda _: ROUTE(checks=["moderation"]), r"Route: checks\[0\] is 'moderation', a str\. Pass a Check"),
        (lambda _: ROUTE(checks=[Check.moderation()], renditions="tile"), r"renditions is 'tile'.*\['tile'\]"),
        (lambda _: CHECK.moderation(allow="Alcohol"), r"Check\.moderation: allow is 'Alcohol'.*\['Alcohol'\]"),
        (lambda _: CHECK.moderation(min_confidence="60"), r"min_confidence is '60', a str\. Pass a float"),
        (lambda _: CHECK.labels(required="Person"), r"Check\.labels: required is 'Person'.*\['Person'\]"),
        (lambda _: CHECK.words(required=["NO"], on_error="REJECT"), r"on_error is 'REJECT'.*OnError\.REJECT"),
        (lambda _: CHECK(name="quota", settings={1: "a"}), "a key of settings is 1, an int. Pass a str"),
        (lambda _: CHECK.custom("quota", function="arn"), r"Check\.custom: function is 'arn'.*from_function_arn"),
    ],
)
def test_the_other_public_names_reject_a_wrong_type(
    stack: Stack, make: Callable[[Stack], object], message: str
) -> None:
    with pytest.raises(TypeError, match=message):
        make(stack)


@pytest.mark.parametrize("check", [Check.moderation, Check.no_people])
def test_a_fractional_confidence_is_rejected(check: Callable[..., Check]) -> None:
    with pytest.raises(ValueError, match=r"min_confidence=0\.6 is less than one percent.*use 60 for 60 percent"):
        check(min_confidence=0.6)
    assert check(min_confidence=0).settings["minConfidence"] == 0
    assert check(min_confidence=1).settings["minConfidence"] == 1


@pytest.mark.parametrize(
    ("label", "advice"),
    [
        ("Alcoholl", r"Use 'Alcohol'\.$"),
        ("explicit nudty", r"Use 'Explicit Nudity'\.$"),
        ("zzz", r"The labels of the first level are: Explicit, .*, Hate Symbols\.$"),
    ],
)
def test_a_label_that_the_moderation_taxonomy_does_not_have_is_rejected(label: str, advice: str) -> None:
    with pytest.raises(ValueError, match=rf"allow has '{label}', which is not a label.*{advice}"):
        Check.moderation(allow=["Alcohol", label])


@given(labels=st.lists(st.sampled_from(MODERATION_LABELS)), on_error=st.sampled_from(OnError))
def test_every_label_of_the_taxonomy_is_accepted_in_any_case(labels: list[str], on_error: OnError) -> None:
    either = [*labels, *map(str.lower, labels), *map(str.upper, labels)]
    assert Check.moderation(allow=either, on_error=on_error).settings["allow"] == either


def test_a_route_without_checks_must_be_explicit() -> None:
    with pytest.raises(ValueError, match=r"Route: checks is empty.*checks=None to publish every readable image"):
        Route(checks=[])
    assert Route(checks=None).checks is None


@pytest.mark.parametrize(
    ("place_type", "way_out"),
    [("", "use default_route"), ("  ", "use default_route"), (" park", r"Use 'park'\."), ("park\n", r"Use 'park'\.")],
)
def test_a_place_type_that_no_place_equals_is_rejected(place_type: str, way_out: str) -> None:
    with pytest.raises(ValueError, match=rf"(?s)routes has a route for .*{way_out}"):
        encode_routes({place_type: Route(checks=None)}, default_route=None)
