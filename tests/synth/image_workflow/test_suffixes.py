"""With ``key_suffixes``, only uploads whose keys end with one of them start the workflow."""

import json
import re
from typing import Any

import pytest
from aws_cdk import Annotations, Fn, Stack, assertions, aws_s3
from hypothesis import given
from hypothesis import strategies as st

from safelight import ImageWorkflow, OnDelete, Reprocess, WorkflowVersion
from safelight.core.events import events_of_buckets, object_events
from safelight.image_workflow.intake import can_share_keys, validate_suffixes

suffixes = st.lists(st.text("abAB.-_", min_size=1, max_size=4), max_size=3)


def a_bucket(stack: Stack) -> aws_s3.IBucket:
    return aws_s3.Bucket.from_bucket_name(stack, f"Bucket{len(stack.node.children)}", "photos")


def patterns_of(prefix: str, suffixes: list[str]) -> list[Any]:
    """What the rules of uploads demand of a key, without a stack."""
    patterns = object_events("Object Created", bucket=a_bucket(Stack()), key_prefix=prefix, key_suffixes=suffixes)
    return [dict(pattern.detail or {})["object"]["key"] for pattern in patterns]


def keys_of(built: Any, rule: str) -> Any:
    return built.resource("AWS::Events::Rule", rule)["EventPattern"]["detail"].get("object", {}).get("key")


@pytest.mark.parametrize("version", list(WorkflowVersion))
@pytest.mark.parametrize(
    ("arguments", "keys"),
    [
        ({}, None),
        ({"key_prefix": "in/"}, [{"prefix": "in/"}]),
        ({"key_suffixes": [".jpg", ".JPG"]}, [{"suffix": ".jpg"}, {"suffix": ".JPG"}]),
        ({"key_prefix": "in/", "key_suffixes": [".jpg", ".JPG"]}, [{"wildcard": "in/*.jpg"}, {"wildcard": "in/*.JPG"}]),
    ],
    ids=["every key", "prefix", "suffixes", "both"],
)
def test_the_rules_of_uploads_and_of_deletions_match_the_same_keys(
    build: Any, version: WorkflowVersion, arguments: dict[str, Any], keys: Any
) -> None:
    built = build(version=version, on_delete=OnDelete.WITHDRAW, **arguments)
    assert keys_of(built, "Uploaded") == keys_of(built, "Deleted") == keys


SIX = [".jpg", ".JPG", ".jpeg", ".JPEG", ".png", ".PNG"]


@pytest.mark.parametrize("version", list(WorkflowVersion))
def test_six_suffixes_under_a_prefix_make_two_rules_that_share_role_queue_and_target(
    build: Any, version: WorkflowVersion
) -> None:
    built = build(version=version, on_delete=OnDelete.WITHDRAW, key_prefix="in/", key_suffixes=SIX)
    for rule in ("Uploaded", "Deleted"):
        assert keys_of(built, rule) == [{"wildcard": f"in/*{suffix}"} for suffix in SIX[:5]]
        assert keys_of(built, f"{rule}2") == [{"wildcard": "in/*.PNG"}]
        first, second = (built.resource("AWS::Events::Rule", id)["Targets"] for id in (rule, f"{rule}2"))
        assert first == second
    assert len(built.workflow.rules) == 2


def test_every_rule_may_send_to_the_queues_that_it_shares(build: Any) -> None:
    built = build(on_delete=OnDelete.WITHDRAW, key_prefix="in/", key_suffixes=SIX)
    for queue, rule in (("UploadedDeadLetters", "Uploaded"), ("WithdrawQueue", "Deleted")):
        statements = built.resource("AWS::SQS::QueuePolicy", f"{queue}Policy")["PolicyDocument"]["Statement"]
        allowed = [json.dumps(it["Condition"]) for it in statements if it["Effect"] == "Allow"]
        for id in (rule, f"{rule}2"):
            assert any(re.search(rf'"Workflow{id}[0-9A-F]{{8}}"', it) for it in allowed)


def test_suffixes_without_a_prefix_are_in_one_rule() -> None:
    assert patterns_of("", SIX) == [[{"suffix": suffix} for suffix in SIX]]


@given(keys=st.lists(st.text("ab.", min_size=1, max_size=4), min_size=1, max_size=30, unique=True), text=st.text("ab."))
def test_no_text_matches_more_than_ten_beginnings_of_the_wildcards_of_a_rule(keys: list[str], text: str) -> None:
    found = [[it["wildcard"].removeprefix("in/*") for it in key] for key in patterns_of("in/", keys)]
    assert [suffix for group in found for suffix in group] == keys
    for group in found:
        assert sum(text.endswith(suffix[:length]) for suffix in group for length in range(len(suffix) + 1)) <= 10


def test_a_suffix_that_alone_is_too_complex_is_refused_with_a_prefix_only() -> None:
    suffix = "." * 10
    assert patterns_of("", [suffix]) == [[{"suffix": suffix}]]
    with pytest.raises(ValueError, match=r"repeats itself too often .* omit key_prefix"):
        patterns_of("in/", [suffix])


@given(count=st.integers(20, 90), length=st.integers(2, 64))
def test_a_pattern_is_refused_if_it_is_longer_than_2048_characters(count: int, length: int) -> None:
    stack, name = Stack(), "b" * 63
    # Such a name can be as long as S3 allows.
    bucket = aws_s3.Bucket.from_bucket_name(stack, "Bucket", Fn.import_value("Name"))
    keys = [f"{n:0{length}}" for n in range(count)]
    detail = {"bucket": {"name": [name]}, "object": {"key": [{"suffix": key} for key in keys]}}
    pattern = {"source": ["aws.s3"], "detail-type": ["Object Created"], "detail": detail}
    if len(json.dumps(pattern).replace(" ", "")) + len(" ") <= 2048:
        object_events("Object Created", bucket=bucket, key_prefix="", key_suffixes=keys)
        return
    with pytest.raises(ValueError, match=f"with {count} key_suffixes .* EventBridge allows 2048"):
        object_events("Object Created", bucket=bucket, key_prefix="", key_suffixes=keys)


def test_a_prefix_that_is_too_long_for_its_suffixes_is_refused() -> None:
    with pytest.raises(ValueError, match=r"with 5 key_suffixes .* or a shorter prefix"):
        patterns_of(f"{'x' * 400}/", SIX)


def test_a_prefix_that_is_too_long_for_its_buckets_is_refused() -> None:
    stack = Stack()
    buckets = [aws_s3.Bucket.from_bucket_name(stack, f"Bucket{n}", f"{n:063}") for n in range(20)]
    assert events_of_buckets(["Object Created"], buckets=buckets, key_prefix=f"{'x' * 400}/").source == ["aws.s3"]
    with pytest.raises(ValueError, match=r"20 buckets with key_prefix make an event pattern of .* a shorter prefix"):
        events_of_buckets(["Object Created"], buckets=buckets, key_prefix=f"{'x' * 700}/")


def test_a_workflow_with_too_many_suffixes_is_refused(build_own: Any) -> None:
    with pytest.raises(ValueError, match="100 key_suffixes makes an event pattern of"):
        build_own(key_suffixes=[f".{n:020}" for n in range(100)])


def test_a_reprocess_has_the_suffixes_of_its_workflow(build_own: Any) -> None:
    built = build_own(key_suffixes=[".jpg", ".JPG"])
    assert built.workflow.key_suffixes == (".jpg", ".JPG")
    Reprocess(built.stack, "Again", workflow=built.workflow)
    (machine,) = (m for n, m in built.resources("AWS::StepFunctions::StateMachine").items() if n.startswith("Again"))
    assert machine["DefinitionSubstitutions"]["KeySuffixes"] == ".jpg .JPG"


def test_commands_read_the_suffixes_from_the_outputs(build: Any) -> None:
    outputs = build(key_suffixes=[".jpg", ".JPG"]).template.find_outputs("*")
    (found,) = (output["Value"] for name, output in outputs.items() if "UploadKeySuffixes" in name)
    assert found == ".jpg .JPG"


@pytest.mark.parametrize("suffix", ["", "*.jpg", "a/b", "it's", "\\", "${KeyPrefix}", "x" * 65])
def test_a_suffix_that_a_rule_cannot_hold_is_rejected(suffix: str) -> None:
    with pytest.raises(ValueError, match=r"key_suffixes has .* must be like '\.jpg'"):
        validate_suffixes(Stack(), [suffix])


def test_a_suffix_that_is_there_twice_is_rejected() -> None:
    with pytest.raises(ValueError, match=r"key_suffixes has '\.jpg' twice"):
        validate_suffixes(Stack(), [".jpg", ".JPG", ".jpg"])


def test_a_suffix_without_a_dot_gets_a_warning_that_can_be_acknowledged() -> None:
    stack = Stack()
    validate_suffixes(stack, ["jpg", ".png", "-small.jpg"])
    said = assertions.Match.string_like_regexp("key_suffixes has 'jpg' without a dot")
    assertions.Annotations.from_stack(stack).has_warning("/Default", said)
    Annotations.of(stack).acknowledge_warning("safelight:suffix-without-dot")
    assertions.Annotations.from_stack(stack).has_no_warning("/Default", said)


def test_empty_suffixes_are_rejected() -> None:
    with pytest.raises(ValueError, match="key_suffixes is empty, so no upload would start the workflow"):
        validate_suffixes(Stack(), [])


def test_workflows_with_separate_suffixes_can_share_a_bucket(build_own: Any) -> None:
    built = build_own(upload_bucket=a_bucket, key_suffixes=[".jpg"])
    ImageWorkflow(built.stack, "Second", upload_bucket=a_bucket(built.stack), key_suffixes=[".png"])
    with pytest.raises(ValueError, match="would both process uploads"):
        ImageWorkflow(built.stack, "Third", upload_bucket=a_bucket(built.stack), key_suffixes=[".small.png"])


@given(one=suffixes, other=suffixes, key=st.text("abAB.-_", max_size=8))
def test_workflows_with_a_common_key_overlap(one: list[str], other: list[str], key: str) -> None:
    def matches(wanted: list[str]) -> bool:
        return not wanted or key.endswith(tuple(wanted))

    if matches(one) and matches(other):
        assert can_share_keys(one, other)
    assert can_share_keys(one, other) == can_share_keys(other, one)
