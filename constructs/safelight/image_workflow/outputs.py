"""The outputs of a workflow's stack, by which commands and people find its parts."""

from collections.abc import Sequence

from aws_cdk import CfnOutput, Stack, aws_stepfunctions
from constructs import Construct

from safelight.image_workflow.resources import Resources


def make_outputs(
    scope: Construct,
    *,
    resources: Resources,
    key_prefix: str,
    key_suffixes: Sequence[str],
    workflow_id: str,
    version: str,
    state_machine: aws_stepfunctions.StateMachine,
) -> None:
    """Make an output for each part. Omit those of a prefix, of suffixes and of a quarantine that are not set."""
    quarantine = resources.quarantine_bucket
    region, arn = Stack.of(scope).region, state_machine.state_machine_arn
    outputs = {
        "UploadBucketName": ("Upload images here", resources.upload_bucket.bucket_name),
        "UploadKeyPrefix": ("Only uploads under this prefix start the workflow", key_prefix),
        "UploadKeySuffixes": ("Only uploads that end with one of these start the workflow", " ".join(key_suffixes)),
        "PublishedBucketName": ("Renditions appear here", resources.published_bucket.bucket_name),
        "QuarantineBucketName": ("Rejected uploads are moved here", quarantine and quarantine.bucket_name),
        "RecordsTableName": ("The outcome of each upload", resources.records.table_name),
        "WorkflowId": ("The workflow's id in records and events", workflow_id),
        "WorkflowVersion": ("The version in records and events", version),
        "StateMachineArn": ("The workflow", arn),
        "StateMachineConsoleUrl": (
            "See executions in the Step Functions console",
            f"https://{region}.console.aws.amazon.com/states/home?region={region}#/statemachines/view/{arn}",
        ),
    }
    for name, (description, value) in outputs.items():
        if value:
            CfnOutput(scope, name, description=description, value=value)
