"""A workflow with nothing of the library in it but the names of its outputs, deployed in a second."""

import json
from collections.abc import Mapping
from typing import Any, Literal

from tests.local.emulator_clients import wait_until
from tests.local.lambda_functions import create_role

from safelight_local.aws.deployment import DeployedWorkflow, deployed_workflows
from safelight_local.emulator.endpoints import Endpoints

# It ends as the key of its upload says, and answers what it was given.
DEFINITION = {
    "QueryLanguage": "JSONata",
    "StartAt": "Look",
    "States": {
        "Look": {"Type": "Pass", "Next": "Broken?"},
        "Broken?": {
            "Type": "Choice",
            "Choices": [
                {"Condition": "{% $contains($states.input.detail.object.key, 'broken') %}", "Next": "Broken"},
                {"Condition": "{% $contains($states.input.detail.object.key, 'slow') %}", "Next": "Slow"},
            ],
            "Default": "Done",
        },
        "Slow": {"Type": "Wait", "Seconds": 600, "Next": "Done"},
        "Broken": {"Type": "Fail", "Error": "Broken", "Cause": "The key says so."},
        "Done": {"Type": "Succeed"},
    },
}


def deploy_small_workflow(
    endpoints: Endpoints,
    *,
    stack: str,
    definition: Mapping[str, Any] = DEFINITION,
    key_prefix: str = "",
    machine_type: Literal["STANDARD", "EXPRESS"] = "STANDARD",
) -> DeployedWorkflow:
    """Make buckets, a table and a state machine, and a stack with outputs that name them."""
    name = stack.lower()
    for bucket in (f"{name}-uploads", f"{name}-published"):
        endpoints.s3.create_bucket(Bucket=bucket)
    endpoints.s3.create_bucket(Bucket=f"{name}-quarantine")
    endpoints.s3.put_bucket_versioning(Bucket=f"{name}-quarantine", VersioningConfiguration={"Status": "Enabled"})
    endpoints.dynamodb.create_table(
        TableName=f"{name}-records",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        AttributeDefinitions=[
            {"AttributeName": "pk", "AttributeType": "S"},
            {"AttributeName": "sk", "AttributeType": "S"},
        ],
        BillingMode="PAY_PER_REQUEST",
    )
    machine = endpoints.stepfunctions.create_state_machine(
        name=name, definition=json.dumps(definition), roleArn=create_role(endpoints, f"{name}-role"), type=machine_type
    )["stateMachineArn"]
    outputs = {
        "UploadBucketName": f"{name}-uploads",
        "PublishedBucketName": f"{name}-published",
        "QuarantineBucketName": f"{name}-quarantine",
        "RecordsTableName": f"{name}-records",
        "WorkflowId": f"{stack}.Workflow",
        "WorkflowVersion": "v5",
        "StateMachineArn": machine,
        "UploadKeyPrefix": key_prefix,
    }
    endpoints.cloudformation.create_stack(
        StackName=stack,
        TemplateBody=json.dumps(
            {
                "Resources": {"Topic": {"Type": "AWS::SNS::Topic"}},
                "Outputs": {
                    f"Workflow{output}00000000": {"Value": value} for output, value in outputs.items() if value
                },
            }
        ),
    )
    endpoints.cloudformation.get_waiter("stack_create_complete").wait(StackName=stack, WaiterConfig={"Delay": 1})
    return next(it for it in deployed_workflows(endpoints) if it.stack == stack)


def start(
    endpoints: Endpoints, *, workflow: DeployedWorkflow, key: str, answer: Mapping[str, object] | None = None
) -> str:
    """Start an execution as an upload's event would; the answer is in its output. Returns its ARN."""
    event = {
        "detail": {
            "bucket": {"name": workflow.upload_bucket},
            "object": {"key": key, "etag": "e", "size": 3, "sequencer": "01"},
        },
        **(answer or {}),
    }
    started = endpoints.stepfunctions.start_execution(
        stateMachineArn=workflow.state_machine_arn, input=json.dumps(event)
    )
    return started["executionArn"]


def wait_until_ended(endpoints: Endpoints, *, arn: str) -> None:
    wait_until(lambda: endpoints.stepfunctions.describe_execution(executionArn=arn)["status"] != "RUNNING")
