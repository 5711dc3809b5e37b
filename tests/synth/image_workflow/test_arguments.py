"""What ImageWorkflow refuses at synth, and that each refusal names the way out."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import Duration, Stack, aws_lambda, aws_s3, aws_stepfunctions
from aws_cdk.assertions import Annotations, Match

from safelight import (
    CacheControl,
    Check,
    Development,
    Fit,
    ImageType,
    ImageWorkflow,
    OnDelete,
    OnError,
    OnReject,
    Rendition,
    Reprocess,
    Route,
    WorkflowVersion,
)


def an_existing_bucket(stack: Stack) -> aws_s3.IBucket:
    return aws_s3.Bucket.from_bucket_name(stack, "Existing", "holiday-photos")


def the_existing_bucket_again(stack: Stack) -> aws_s3.IBucket:
    return aws_s3.Bucket.from_bucket_name(stack, "ExistingAgain", "holiday-photos")


def a_function_of_ones_own(stack: Stack) -> dict[str, aws_lambda.IFunction]:
    return {
        "Stamp": aws_lambda.Function(
            stack,
            "Stamp",
            runtime=aws_lambda.Runtime.PYTHON_3_13,
            handler="index.handler",
            code=aws_lambda.Code.from_inline("def handler(event, context): return {}"),
        )
    }


@pytest.mark.parametrize(
    ("version", "argument", "value", "way_out"),
    [
        (WorkflowVersion.V1, "min_pixels", 640, "v3, v4"),
        (WorkflowVersion.V2, "min_pixels", 640, "v3, v4"),
        (WorkflowVersion.V1, "allowed_types", [ImageType.PNG], "v3, v4"),
        (WorkflowVersion.V1, "min_confidence", 80, "v2, v3, v4"),
        (WorkflowVersion.V5, "min_confidence", 80, r"v2, v3, v4\.$"),
        (WorkflowVersion.V4, "routes", {"park": Route(checks=None)}, "v5"),
        (WorkflowVersion.V4, "default_route", Route(checks=None), "v5"),
        (WorkflowVersion.V4, "on_reject", OnReject.QUARANTINE, "v5"),
        (WorkflowVersion.V4, "development", Development(), "v5"),
    ],
)
def test_a_setting_that_the_version_does_not_use_is_rejected(
    build: Any, version: WorkflowVersion, argument: str, value: object, way_out: str
) -> None:
    with pytest.raises(ValueError, match=rf"{argument} is given, but version {version.value} .*{way_out}"):
        build(version=version, **{argument: value})


def test_a_published_bucket_that_is_the_upload_bucket_is_rejected(build: Any) -> None:
    with pytest.raises(ValueError, match=r"published_bucket is upload_bucket.*endless loop.*published_prefix"):
        build(upload_bucket=an_existing_bucket, published_bucket=the_existing_bucket_again)


@pytest.mark.parametrize(
    ("key_prefix", "published_prefix"),
    [("", "published/"), ("in/", ""), ("in/", "in/"), ("in/", "in/published/"), ("a/a/", "a/")],
)
def test_a_prefix_that_does_not_separate_renditions_from_uploads_is_rejected(
    build: Any, key_prefix: str, published_prefix: str
) -> None:
    with pytest.raises(ValueError, match="endless loop"):
        build(
            upload_bucket=an_existing_bucket,
            published_bucket=the_existing_bucket_again,
            key_prefix=key_prefix,
            published_prefix=published_prefix,
        )


def test_one_bucket_with_separating_prefixes_is_accepted(build: Any) -> None:
    built = build(
        upload_bucket=an_existing_bucket,
        published_bucket=the_existing_bucket_again,
        key_prefix="in/",
        published_prefix="published/",
    )
    (rule,) = (
        rule
        for rule in built.resources("AWS::Events::Rule").values()
        if rule.get("EventPattern", {}).get("source") == ["aws.s3"]
    )
    assert rule["EventPattern"]["detail"] == {
        "bucket": {"name": ["holiday-photos"]},
        "object": {"key": [{"prefix": "in/"}]},
    }


@pytest.mark.parametrize(("one", "other"), [("", ""), ("a/", ""), ("a/", "a/"), ("a/", "a/b/")])
def test_two_workflows_for_one_upload_are_rejected(build_own: Any, one: str, other: str) -> None:
    built = build_own(upload_bucket=an_existing_bucket, key_prefix=one)
    with pytest.raises(ValueError, match="would both process uploads"):
        ImageWorkflow(built.stack, "Second", upload_bucket=the_existing_bucket_again(built.stack), key_prefix=other)


def test_two_workflows_with_separate_prefixes_can_share_a_bucket(build_own: Any) -> None:
    built = build_own(upload_bucket=an_existing_bucket, key_prefix="a/")
    second = ImageWorkflow(built.stack, "Second", upload_bucket=the_existing_bucket_again(built.stack), key_prefix="b/")
    assert second.key_prefix == "b/"


@pytest.mark.parametrize("prefix", ["incoming", "/incoming/", "it's/", "a//b/", "${KeyPrefix}/", "ü/", "any*/"])
def test_a_prefix_that_rules_or_definitions_cannot_hold_is_rejected(build: Any, prefix: str) -> None:
    with pytest.raises(ValueError, match=r"key_prefix=.* must be like 'incoming/'"):
        build(key_prefix=prefix)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"min_pixels": 0}, "min_pixels=0 must be at least 1"),
        ({"allowed_types": []}, "allowed_types is empty"),
        ({"min_confidence": 101, "version": WorkflowVersion.V4}, "min_confidence=101 must be a percentage"),
        ({"renditions": []}, "renditions is empty"),
        ({"renditions": [Rendition(name=f"r{n}", width=9) for n in range(26)]}, "The maximum is 25"),
        ({"renditions": [Rendition(name="a", width=1), Rendition(name="a", width=2)]}, "'a' as JPEG twice"),
        ({"published_prefix": "p" * 90 + "/"}, "Shorten one of them"),
        ({"keep_replaced": Duration.days(366)}, "keep_replaced is 366 days.*at most one year"),
        ({"routes": {}}, r"routes is empty and there is no default_route.*Give one of them"),
        ({"routes": {"": Route(checks=None)}}, r"a route for ''.*default_route"),
    ],
)
def test_a_setting_out_of_bounds_is_rejected(build: Any, arguments: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        build(**arguments)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"name": "Tile", "width": 1}, "lower-case"),
        ({"name": "a/b", "width": 1}, "object key"),
        ({"name": "a", "width": 0}, "at least 1"),
        ({"name": "a", "width": 9, "fit": Fit.COVER}, "needs a height"),
        ({"name": "a", "width": 9, "type": ImageType.GIF}, "cannot be written"),
        ({"name": "a", "width": 9, "type": ImageType.PNG, "quality": 80}, "lossless"),
        ({"name": "a", "width": 9, "quality": 101}, "1 to 100"),
    ],
)
def test_a_rendition_that_contradicts_itself_is_rejected(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Rendition(**arguments)


@pytest.mark.parametrize("check", [Check.moderation, Check.no_people])
@pytest.mark.parametrize("min_confidence", [-0.1, 100.1])
def test_an_invalid_confidence_of_a_check_is_rejected(check: Callable[..., Check], min_confidence: float) -> None:
    with pytest.raises(ValueError, match=f"min_confidence={min_confidence} must be a percentage, 0 to 100"):
        check(min_confidence=min_confidence)


@pytest.mark.parametrize("check", [Check.labels, Check.words])
def test_a_check_needs_what_it_requires_and_a_valid_percentage(
    check: Callable[..., Check],
) -> None:
    for required in ([], ["Person", " "], [""]):
        with pytest.raises(
            ValueError, match=r"^Check\.(labels needs .* required label|words needs .* required word), "
        ):
            check(required=required)
    with pytest.raises(ValueError, match="min_confidence=101 must be a percentage"):
        check(required=["Person"], min_confidence=101)


def test_a_route_of_more_than_ten_checks_is_rejected() -> None:
    eleven = [Check.moderation(min_confidence=50 + n) for n in range(11)]
    assert len(Route(checks=eleven[:10]).checks or ()) == 10
    with pytest.raises(ValueError, match=r"A route has 11 checks\. The maximum is 10"):
        Route(checks=eleven)


def test_the_same_check_twice_in_a_route_is_rejected() -> None:
    once = [Check.moderation(), Check.words(required=["A"]), Check.words(required=["B"])]
    assert Route(checks=once).checks == once
    for again in (Check.words(required=["B"]), Check.moderation(on_error=OnError.REJECT)):
        with pytest.raises(ValueError, match=f"A route has the check '{again.name}' twice, with the same settings"):
            Route(checks=[*once, again])


def test_one_rendition_in_two_formats_is_accepted(build: Any) -> None:
    renditions = [Rendition(name="tile", width=400, type=kind) for kind in (ImageType.WEBP, ImageType.JPEG)]
    functions = build(renditions=renditions).resources("AWS::Lambda::Function")
    (render,) = (function for name, function in functions.items() if "Render" in name)
    made = json.loads(render["Environment"]["Variables"]["RENDITIONS"])
    assert [(rendition["name"], rendition["type"]) for rendition in made] == [("tile", "WEBP"), ("tile", "JPEG")]


def test_a_reprocess_of_an_express_workflow_is_rejected(build_own: Any) -> None:
    built = build_own(version=WorkflowVersion.V1, type=aws_stepfunctions.StateMachineType.EXPRESS)
    with pytest.raises(ValueError, match=r"Test/Workflow is an Express workflow.*type=StateMachineType\.STANDARD"):
        Reprocess(built.stack, "Again", workflow=built.workflow)


def test_an_unknown_version_is_rejected_with_the_known_ones() -> None:
    with pytest.raises(ValueError, match=r"'v9'. Choose one of: v1, v2, v3, v4"):
        WorkflowVersion.parse("v9")


def test_a_definition_together_with_a_version_is_rejected(build: Any) -> None:
    with pytest.raises(ValueError, match="one definition"):
        build(version=WorkflowVersion.V4, definition=WorkflowVersion.V4.definition)


def test_a_missing_definition_is_rejected(build: Any, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"mine\.asl\.json' cannot be read: No such file"):
        build(definition=tmp_path / "mine.asl.json")


def test_a_definition_that_is_not_asl_is_rejected(build: Any, tmp_path: Path) -> None:
    path = tmp_path / "mine.asl.json"
    path.write_text("States: {}")
    with pytest.raises(ValueError, match="not an Amazon States Language document"):
        build(definition=path)


def a_definition_that_invokes(path: Path, *placeholders: str) -> Path:
    tasks = {
        placeholder: {
            "Type": "Task",
            "Resource": "arn:aws:states:::lambda:invoke",
            "Arguments": {"FunctionName": "${" + placeholder + "}"},
            "End": True,
        }
        for placeholder in placeholders
    }
    definition = {"QueryLanguage": "JSONata", "TimeoutSeconds": 86400, "StartAt": placeholders[0], "States": tasks}
    path.write_text(json.dumps(definition))
    return path


@pytest.mark.parametrize(
    ("timeout", "says"),
    [
        ({}, "no TimeoutSeconds"),
        ({"TimeoutSeconds": 86401}, "TimeoutSeconds 86401"),
        ({"TimeoutSeconds": "3600"}, "TimeoutSeconds '3600'"),
    ],
)
def test_a_definition_whose_executions_can_outlast_the_sweeper_s_wait_is_rejected(
    build: Any, tmp_path: Path, timeout: dict[str, object], says: str
) -> None:
    path = tmp_path / "mine.asl.json"
    path.write_text(json.dumps({"StartAt": "Done", "States": {"Done": {"Type": "Succeed"}}} | timeout))
    with pytest.raises(ValueError, match=rf"'mine\.asl\.json' has {says} .* Write \"TimeoutSeconds\": 86400, or less"):
        build(definition=path)


def test_an_unknown_placeholder_is_rejected(build: Any, tmp_path: Path) -> None:
    path = a_definition_that_invokes(tmp_path / "mine.asl.json", "ShrinkFunctionArn")
    with pytest.raises(ValueError, match=r"unknown placeholders: \['ShrinkFunctionArn'\].*ResizerFunctionArn"):
        build(definition=path)


def test_a_function_that_the_definition_never_invokes_is_rejected(build: Any, tmp_path: Path) -> None:
    path = a_definition_that_invokes(tmp_path / "mine.asl.json", "ResizerFunctionArn")
    with pytest.raises(ValueError, match=r"never invokes functions=\['Stamp'\]"):
        build(definition=path, functions=a_function_of_ones_own)


def test_functions_without_a_definition_are_rejected(build: Any) -> None:
    with pytest.raises(ValueError, match="only a definition of your own can invoke them"):
        build(functions=a_function_of_ones_own)


def test_a_custom_definition_gets_the_steps_and_functions_that_it_names(build: Any, tmp_path: Path) -> None:
    path = tmp_path / "mine.asl.json"
    text = WorkflowVersion.V1.definition.read_text().replace("${PublishFunctionArn}", "${StampFunctionArn}")
    path.write_text(text)
    built = build(definition=path, functions=a_function_of_ones_own)
    assert built.workflow.steps.keys() == {"resize", "sweep"}
    (machine,) = built.resources("AWS::StepFunctions::StateMachine").values()
    assert set(machine["DefinitionSubstitutions"]) == {
        "ResizerFunctionArn",
        "StampFunctionArn",
        "RecordsTableName",
        "WorkflowId",
        "EventBusName",
        "KeyPrefix",
    }


def environment(built: Any, function: str) -> dict[str, Any]:
    (found,) = (
        properties["Environment"]["Variables"]
        for name, properties in built.resources("AWS::Lambda::Function").items()
        if name[:-8] == f"Workflow{function}"
    )
    variables: dict[str, Any] = found
    return variables


@pytest.mark.parametrize(
    ("given", "seconds"),
    [
        ({}, "86400"),
        ({"keep_replaced": Duration.seconds(0)}, "0"),
        ({"keep_replaced": Duration.hours(2)}, "7200"),
        ({"keep_replaced": Duration.days(365)}, "31536000"),
    ],
)
def test_replaced_renditions_are_kept_for_a_day_by_default(build: Any, given: dict[str, Any], seconds: str) -> None:
    assert environment(build(**given), "Publish")["KEEP_REPLACED_SECONDS"] == seconds


@pytest.mark.parametrize(
    ("given", "header"),
    [
        ({}, "public, max-age=300"),
        ({"cache_control": CacheControl.max_age(Duration.seconds(0))}, "public, max-age=0"),
        ({"cache_control": CacheControl.max_age(Duration.hours(1))}, "public, max-age=3600"),
        ({"cache_control": CacheControl.immutable()}, "public, max-age=31536000, immutable"),
    ],
)
def test_renditions_are_cached_for_five_minutes_by_default(build: Any, given: dict[str, Any], header: str) -> None:
    assert environment(build(**given), "Render")["CACHE_CONTROL"] == header


@pytest.mark.parametrize(
    ("age", "message"),
    [
        (Duration.days(400), r"CacheControl\.max_age: 400 days is longer than a year, the longest max_age\."),
        (Duration.seconds(31_536_001), "31,536,001 seconds is longer than a year"),
        (Duration.millis(1500), r"1\.5 seconds must be whole seconds"),
    ],
)
def test_an_invalid_cache_age_is_rejected(age: Duration, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        CacheControl.max_age(age)


@pytest.mark.parametrize(
    ("header", "message"),
    [
        ("", "header is empty"),
        ("  ", "header is empty"),
        ("no-cache\nX-Other: 1", "printable ASCII characters only"),
        ("no-cache\x00", "printable ASCII characters only"),
        ("privé", "printable ASCII characters only"),
    ],
)
def test_a_header_that_http_cannot_hold_is_rejected(header: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        CacheControl(header=header)


@pytest.mark.parametrize("version", list(WorkflowVersion))
@pytest.mark.parametrize("given", [{}, {"on_delete": OnDelete.KEEP}])
def test_a_deleted_upload_stays_published_by_default(
    build: Any, version: WorkflowVersion, given: dict[str, Any]
) -> None:
    built = build(version=version, **given)
    assert "withdraw" not in built.workflow.steps
    assert len(built.workflow.background_dead_letters) == 1
    assert not any("Deleted" in name for name in built.resources("AWS::Events::Rule"))


@pytest.mark.parametrize("version", list(WorkflowVersion))
@pytest.mark.parametrize("prefix", ["", "in/"])
def test_deletions_under_the_prefix_invoke_the_withdraw_function(
    build: Any, version: WorkflowVersion, prefix: str
) -> None:
    built = build(version=version, on_delete=OnDelete.WITHDRAW, upload_bucket=an_existing_bucket, key_prefix=prefix)
    (rule,) = (r for name, r in built.resources("AWS::Events::Rule").items() if name.startswith("WorkflowDeleted"))
    under = {"object": {"key": [{"prefix": "in/"}]}} if prefix else {}
    assert rule["EventPattern"] == {
        "source": ["aws.s3"],
        "detail-type": ["Object Deleted"],
        "detail": {"bucket": {"name": ["holiday-photos"]}} | under,
    }
    assert environment(built, "Withdraw")["VERSION"] == version.value


def test_moving_uploads_of_a_bucket_whose_versioning_is_suspended_is_refused(build: Any) -> None:
    def suspended(stack: Stack) -> aws_s3.Bucket:
        bucket = aws_s3.Bucket(stack, "Mine", versioned=True)
        l1 = bucket.node.default_child
        assert isinstance(l1, aws_s3.CfnBucket)
        l1.versioning_configuration = aws_s3.CfnBucket.VersioningConfigurationProperty(status="Suspended")
        return bucket

    with pytest.raises(ValueError, match="on_reject=DELETE needs a versioned upload bucket"):
        build(on_reject=OnReject.DELETE, upload_bucket=suspended)


@pytest.mark.parametrize("on_reject", [OnReject.QUARANTINE, OnReject.DELETE])
@pytest.mark.parametrize("versioned", [None, False])
def test_moving_uploads_of_a_bucket_without_versions_is_rejected(
    build: Any, on_reject: OnReject, versioned: Any
) -> None:
    with pytest.raises(ValueError, match=rf"on_reject={on_reject.value} needs .* versions.*versioned=True"):
        build(on_reject=on_reject, upload_bucket=lambda stack: aws_s3.Bucket(stack, "Mine", versioned=versioned))


@pytest.mark.parametrize("on_reject", list(OnReject))
def test_a_warning_says_that_an_imported_bucket_needs_versioning(build: Any, on_reject: OnReject) -> None:
    built = build(on_reject=on_reject, upload_bucket=an_existing_bucket)
    warned = Annotations.from_stack(built.stack).find_warning(
        "/Test/Workflow", Match.string_like_regexp(".*Turn on versioning for the imported bucket holiday-photos.*")
    )
    assert bool(warned) is (on_reject is not OnReject.KEEP)


def test_uploads_of_a_bucket_without_versions_may_be_kept(build: Any) -> None:
    built = build(upload_bucket=lambda stack: aws_s3.Bucket(stack, "Mine"))
    assert built.workflow.quarantine_bucket is None
