"""What a function is told fits into its environment, whatever names CloudFormation gives to resources."""

import json
from typing import Any

import pytest
from aws_cdk import Stack, aws_dynamodb, aws_s3

from safelight import Preset, Signing

# Lambda measures the variables as JSON ("Lambda quotas").
MAX_BYTES = 4_096
LONGEST = {
    "AWS::S3::Bucket": "x" * 63,
    "AWS::SQS::Queue": "https://sqs.ap-southeast-1.amazonaws.com/111122223333/" + "x" * 80,
    "AWS::SecretsManager::Secret": "arn:aws:secretsmanager:ap-southeast-1:111122223333:secret:" + "x" * 90,
    "AWS::DynamoDB::Table": "x" * 255,
}


def presets(count: int) -> dict[str, Preset]:
    return {f"preset-{number}": Preset(width=100 + number) for number in range(count)}


def buckets(count: int) -> Any:
    return lambda stack: [aws_s3.Bucket(stack, f"Photos{number}") for number in range(count)]


def table(stack: Stack) -> aws_dynamodb.Table:
    key = aws_dynamodb.Attribute(name="pk", type=aws_dynamodb.AttributeType.STRING)
    return aws_dynamodb.Table(stack, "Records", partition_key=key)


def measured(built: Any, id: str) -> int:
    """Bytes of the environment of a function, each reference as long as it can be."""
    types = {name: it["Type"] for name, it in built.document["Resources"].items()}

    def longest(value: Any) -> str:
        match value:
            case str():
                return value
            case {"Ref": name}:
                return LONGEST[types[name]]
            case {"Fn::Join": [separator, parts]}:
                return str(separator.join(longest(part) for part in parts))
        raise AssertionError(value)

    variables = {name: longest(value) for name, value in built.environment(id).items()}
    return len(json.dumps(variables, separators=(",", ":")))


@pytest.mark.parametrize(
    ("arguments", "most"),
    [
        ({}, 62),
        ({"signing": Signing.OPTIONAL}, 59),
        ({"source": buckets(10)}, 46),
        ({"records": table, "workflow_id": "Test.Workflow", "rendition": "master"}, 56),
    ],
    ids=lambda it: "+".join(it) or "defaults" if isinstance(it, dict) else "",
)
def test_as_many_presets_are_accepted_as_fit_with_the_longest_names(
    build_own: Any, arguments: dict[str, Any], most: int
) -> None:
    built = build_own(presets=presets(most), **arguments)
    assert MAX_BYTES - 100 < measured(built, "Make") <= MAX_BYTES
    with pytest.raises(ValueError, match=r"presets, sizes and sources take up to \d+ bytes.*4096.*fewer"):
        build_own(presets=presets(most + 1), **arguments)
