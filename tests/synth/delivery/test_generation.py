"""Results of what no longer is a source are not found: another source is another generation."""

import json
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest
from aws_cdk import CfnParameter, CustomResource, Fn, Stack, aws_dynamodb, aws_s3
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


PARAMETER = {"Ref": "Name"}


def parameter(stack: Stack) -> str:
    return CfnParameter(stack, "Name", default="marks").value_as_string


def custom_resource(stack: Stack) -> str:
    return CustomResource(stack, "Name", service_token="arn:aws:lambda:eu-west-1:111122223333:function:x").ref


def export(_: Stack) -> str:
    return Fn.import_value("marks")


def references_in_generation(built: Any) -> tuple[list[Any], list[Any]]:
    """What stands for names in the generation, at the edge and in the function that makes images."""
    code = built.resource("AWS::CloudFront::Function", "Edge")["FunctionCode"]["Fn::Join"][1]
    variable = built.environment("Make")["DELIVERY"]["Fn::Join"][1]
    return _after_generation(code), _after_generation(variable)


def _after_generation(parts: list[Any]) -> list[Any]:
    begin = next(n for n, part in enumerate(parts) if "generation" in part)
    found = []
    for part, after in pairwise(parts[begin + 1 :]):
        found.append(part)
        if after != "/":
            break
    return [part for part in found if part != "/"]


@pytest.mark.parametrize("name", [parameter, custom_resource, export], ids=lambda it: it.__name__)
@pytest.mark.parametrize(
    "marks",
    [
        lambda stack, name: aws_s3.Bucket(stack, "Marks", bucket_name=name),
        lambda stack, name: aws_s3.Bucket.from_bucket_name(stack, "Marks", name),
    ],
    ids=["made", "imported"],
)
def test_a_name_that_a_deployment_gives_is_in_the_generation(
    build_own: Any, name: Callable[[Stack], str], marks: Callable[[Stack, str], aws_s3.IBucket]
) -> None:
    built = build_own(source=lambda stack: [aws_s3.Bucket(stack, "Photos"), marks(stack, name(stack))])
    its_name = built.stack.resolve(built.stack.node.find_child("Marks").bucket_name)
    assert references_in_generation(built) == ([its_name], [its_name])


def test_the_name_of_a_table_that_a_deployment_gives_is_in_the_generation(build_own: Any) -> None:
    def records(stack: Stack) -> aws_dynamodb.ITable:
        return aws_dynamodb.Table.from_table_name(stack, "Records", parameter(stack))

    built = build_own(**WORKFLOW | {"records": records})
    assert references_in_generation(built) == ([PARAMETER], [PARAMETER])


def test_names_of_buckets_that_only_cloudformation_names_do_not_fill_the_edge(build_own: Any) -> None:
    ids = [f"Bucket{n}" for n in range(20)]
    assert len(told(build_own(source=made(*ids)))["generation"]) == 8


def test_the_edge_has_space_for_a_few_names_and_says_when_there_are_too_many(build_own: Any) -> None:
    def named(count: int) -> Buckets:
        return lambda stack: [
            aws_s3.Bucket.from_bucket_name(stack, f"B{n}", Fn.import_value(f"b{n}")) for n in range(count)
        ]

    build_own(source=named(4))
    with pytest.raises(ValueError, match="fewer sources whose names are not known at synth"):
        build_own(source=named(20))
