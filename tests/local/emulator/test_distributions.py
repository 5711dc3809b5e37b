"""A distribution of the emulator's CloudFront: a bucket, a function behind it, and both private."""

import json
from dataclasses import dataclass
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_cloudfront as cloudfront
from aws_cdk import aws_cloudfront_origins as origins
from aws_cdk import aws_lambda, aws_s3
from tests.local.distributions import Answer, fetch

from safelight_local.emulator.process import Emulator

STACK = "distributions"
FAILING_OVER = [403, 404, 500, 502, 503, 504]
UNREACHABLE = "none.execute-api.us-east-1.amazonaws.com"  # the emulator never connects to AWS
INVOKING = ["lambda:InvokeFunctionUrl", "lambda:InvokeFunction"]
ECHO = """
import json
def handler(event, context):
    http = event["requestContext"]["http"]
    seen = {name: event[name] for name in ("rawPath", "rawQueryString", "headers")}
    body = json.dumps(seen | {"method": http["method"]})
    return {"statusCode": 200, "headers": {"made-by": "function"}, "body": body}
"""


class Distributions(cdk.Stack):
    """Distributions that share a bucket and a function."""

    def __init__(self, scope: cdk.App, name: str) -> None:
        super().__init__(scope, name, synthesizer=cdk.BootstraplessSynthesizer())
        self.bucket = aws_s3.Bucket(self, "Bucket", removal_policy=cdk.RemovalPolicy.DESTROY)
        self.function = aws_lambda.Function(
            self,
            "Function",
            runtime=aws_lambda.Runtime.PYTHON_3_12,
            handler="index.handler",
            code=aws_lambda.Code.from_inline(ECHO),
        )
        self.url = self.function.add_function_url(auth_type=aws_lambda.FunctionUrlAuthType.AWS_IAM)
        self.distribution("Group", self.group(self.stored()))
        self.distribution("Unreachable", self.group(origins.HttpOrigin(UNREACHABLE)))
        for action in INVOKING:
            withhold(action, of=self.distribution(without(action), self.made()))
        cdk.CfnOutput(self, "BucketName", value=self.bucket.bucket_name)
        cdk.CfnOutput(self, "FunctionUrl", value=self.url.url)
        cdk.CfnOutput(self, "FunctionName", value=self.function.function_name)

    def stored(self) -> cloudfront.IOrigin:
        return origins.S3BucketOrigin.with_origin_access_control(self.bucket)

    def made(self) -> cloudfront.IOrigin:
        return origins.FunctionUrlOrigin.with_origin_access_control(self.url)

    def group(self, first: cloudfront.IOrigin) -> cloudfront.IOrigin:
        return origins.OriginGroup(
            primary_origin=first, fallback_origin=self.made(), fallback_status_codes=FAILING_OVER
        )

    def distribution(self, name: str, origin: cloudfront.IOrigin) -> cloudfront.Distribution:
        """A distribution whose domain is an output of its name."""
        made = cloudfront.Distribution(
            self,
            name,
            default_behavior=cloudfront.BehaviorOptions(
                origin=origin, allowed_methods=cloudfront.AllowedMethods.ALLOW_ALL
            ),
        )
        cdk.CfnOutput(self, f"{name}Domain", value=made.distribution_domain_name)
        return made


def without(action: str) -> str:
    """Name the distribution that lacks the permission for an action."""
    return f"Without{action.removeprefix('lambda:')}"


def withhold(action: str, *, of: cloudfront.Distribution) -> None:
    """Remove one of the permissions that the CDK gives to a distribution."""
    for construct in of.node.find_all():
        if isinstance(construct, aws_lambda.CfnPermission) and construct.action == action:
            assert construct.node.scope is not None
            construct.node.scope.node.try_remove_child(construct.node.id)


@dataclass(frozen=True, kw_only=True)
class Deployed:
    """The stack's outputs, and the emulator."""

    emulator: Emulator
    outputs: dict[str, str]

    def fetch(self, name: str, target: str, **request: Any) -> Answer:
        return fetch(self.emulator.endpoints, self.outputs[f"{name}Domain"], target, **request)

    def put(self, key: str, body: bytes) -> None:
        self.emulator.endpoints.s3.put_object(Bucket=self.outputs["BucketName"], Key=key, Body=body)

    def invocations(self) -> int:
        """How often the function has run."""
        group = f"/aws/lambda/{self.outputs['FunctionName']}"
        logs = self.emulator.endpoints.logs
        pages = logs.get_paginator("filter_log_events").paginate(logGroupName=group, filterPattern="START")
        return sum(len(page["events"]) for page in pages)


@pytest.fixture(scope="module")
def deployed(emulator: Emulator) -> Deployed:
    app = cdk.App()
    Distributions(app, STACK)
    template = app.synth().get_stack_by_name(STACK).template
    cloudformation = emulator.endpoints.cloudformation
    cloudformation.create_stack(
        StackName=STACK, TemplateBody=json.dumps(template), Capabilities=["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM"]
    )
    cloudformation.get_waiter("stack_create_complete").wait(StackName=STACK, WaiterConfig={"Delay": 1})
    (stack,) = cloudformation.describe_stacks(StackName=STACK)["Stacks"]
    return Deployed(emulator=emulator, outputs={it["OutputKey"]: it["OutputValue"] for it in stack.get("Outputs", [])})


def test_an_object_comes_from_the_bucket_without_an_invocation(deployed: Deployed) -> None:
    deployed.put("there.txt", b"stored")
    deployed.fetch("Group", "/makes-the-log-group")
    before = deployed.invocations()
    answer = deployed.fetch("Group", "/there.txt")
    assert (answer.status, answer.body) == (200, b"stored")
    assert deployed.invocations() == before


@pytest.mark.parametrize("method", ["GET", "OPTIONS"])
def test_a_missing_object_is_made_by_the_function(deployed: Deployed, method: str) -> None:
    answer = deployed.fetch("Group", "/missing.txt", method=method)
    assert (answer.status, answer.headers["made-by"]) == (200, "function")
    assert (answer.json["rawPath"], answer.json["method"]) == ("/missing.txt", method)


def test_a_head_of_a_missing_object_is_answered_by_the_function(deployed: Deployed) -> None:
    answer = deployed.fetch("Group", "/missing.txt", method="HEAD")
    assert (answer.status, answer.headers["made-by"], answer.body) == (200, "function", b"")


@pytest.mark.parametrize("method", ["PUT", "POST", "DELETE"])
def test_other_methods_do_not_fail_over(deployed: Deployed, method: str) -> None:
    assert deployed.fetch("Group", "/missing.txt", method=method).status == 403


def test_an_origin_that_cannot_be_reached_fails_over(deployed: Deployed) -> None:
    assert deployed.fetch("Unreachable", "/a").headers["made-by"] == "function"


@pytest.mark.parametrize("action", INVOKING)
def test_a_distribution_that_lacks_one_of_the_two_permissions_may_not_invoke(deployed: Deployed, action: str) -> None:
    deployed.fetch("Group", "/makes-the-log-group")
    before = deployed.invocations()
    assert deployed.fetch(without(action), "/").status == 403
    assert deployed.invocations() == before


def test_the_function_url_denies_an_unsigned_request(deployed: Deployed) -> None:
    host = deployed.outputs["FunctionUrl"].removeprefix("https://").rstrip("/")
    assert fetch(deployed.emulator.endpoints, host, "/").status == 403
