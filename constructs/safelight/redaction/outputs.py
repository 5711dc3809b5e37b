"""The outputs of a redaction's stack, by which commands and people find its parts."""

from collections.abc import Mapping

from aws_cdk import CfnOutput
from constructs import Construct


def make_outputs(scope: Construct, outputs: Mapping[str, tuple[str, str]]) -> None:
    """Make outputs of descriptions and values, by their names. Omit those that are empty: prefixes that are not set."""
    for name, (description, value) in outputs.items():
        if value:
            CfnOutput(scope, name, description=description, value=value)


def dead_letters_output(dead_letters_arn: str) -> dict[str, tuple[str, str]]:
    """Return the output of the queue of dead letters."""
    description = "Uploads that were not redacted: aws sqs start-message-move-task --source-arn"
    return {"RedactionDeadLettersArn": (description, dead_letters_arn)}
