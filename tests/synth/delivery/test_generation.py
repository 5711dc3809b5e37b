"""Results of what no longer is a source are not found: another source is another generation."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from aws_cdk import Fn, Stack, aws_dynamodb, aws_s3
from tests.synth.delivery.test_published import WORKFLOW
from tests.synth.delivery.test_signing import told

Buckets = Callable[[Stack], list[aws_s3.IBucket]]


def generation(built: Any) -> str:
    found: str = told(built)["generation"]
    return found


def made(*ids: str, name: str | None = None) -> Buckets:
    return lambda stack: [aws_s3.Bucket(stack, id, bucket_name=name) for id in ids]


def imported(*names: str) -> Buckets:
    return lambda stack: [aws_s3.Bucket.from_bucket_name(stack, f"Imported{n}", name) for n, name in enumerate(names)]


def named_by_a_token(export: str) -> Buckets:
    return lambda stack: [aws_s3.Bucket.from_bucket_name(stack, "Imported", Fn.import_value(export))]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (made("Photos", "Marks"), made("Photos", "Marks2")),
        (made("Photos", "Marks"), made("Photos")),
        (made("Photos", name="photos-1"), made("Photos", name="photos-2")),
        (imported("photos", "marks"), imported("photos", "marks2")),
        (named_by_a_token("photos"), named_by_a_token("photos2")),
        (imported("photos"), made("Photos")),
    ],
    ids=["another", "removed", "replaced", "imported", "token", "owned"],
)
def test_another_source_is_another_generation(build_own: Any, before: Buckets, after: Buckets) -> None:
    assert generation(build_own(source=before)) != generation(build_own(source=after))


@pytest.mark.parametrize("source", [made("Photos", "Marks"), imported("photos"), named_by_a_token("photos")])
def test_the_same_sources_are_the_same_generation(build_own: Any, source: Buckets) -> None:
    assert generation(build_own(source=source)) == generation(build_own(source=source))


@pytest.mark.parametrize(
    "change",
    [
        {"workflow_id": "Test.Other"},
        {"rendition": "web"},
        {"records": lambda stack: aws_dynamodb.Table.from_table_name(stack, "Records", "records2")},
    ],
    ids=lambda it: next(iter(it)),
)
def test_another_workflow_is_another_generation(build_own: Any, change: dict[str, Any]) -> None:
    assert generation(build_own(**WORKFLOW)) != generation(build_own(**WORKFLOW | change))


def test_results_that_nothing_marks_are_not_found_once_cloudfront_comes_before_the_function(build: Any) -> None:
    # The names of buckets are references: the settings are several texts around them.
    alone = json.dumps(build(edge=False).environment("Make")["DELIVERY"])
    behind_the_edge = json.dumps(build().environment("Make")["DELIVERY"])
    assert generation(build()) in behind_the_edge
    assert generation(build()) not in alone
