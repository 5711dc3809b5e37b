"""Distributions of the emulator's CloudFront, and requests of viewers to them."""

import http.client
import json
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import aws_cdk as cdk
from aws_cdk import aws_cloudfront as cloudfront
from aws_cdk import aws_cloudfront_origins as origins
from aws_cdk import aws_lambda, aws_s3
from tests.local.lambda_functions import PATIENT_SECONDS

from safelight_local.emulator.endpoints import Endpoints

_ECHO = """
import base64, json
def handler(event, context):
    if event["rawPath"].startswith("/bytes/"):
        image = bytes(int(event["rawPath"].removeprefix("/bytes/")))
        return {"statusCode": 200, "body": base64.b64encode(image).decode(), "isBase64Encoded": True}
    http = event["requestContext"]["http"]
    seen = {name: event[name] for name in ("rawPath", "rawQueryString", "headers")}
    body = json.dumps(seen | {"method": http["method"]})
    return {"statusCode": 200, "headers": {"made-by": "function"}, "body": body}
"""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a viewer gets. Header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


def fetch(
    endpoints: Endpoints,
    domain: str,
    target: str,
    *,
    method: str = "GET",
    headers: Mapping[str, str] | None = None,
    body: bytes | None = None,
) -> Answer:
    """Send one request to a distribution.

    Parameters
    ----------
    endpoints : Endpoints
        Of the emulator.
    domain : str
        The distribution's ``DomainName``.
    target : str
        The path and the query string. They are sent as they are: nothing is encoded or normalised.
    method : str, optional
        Default: ``GET``.
    headers : Mapping[str, str], optional
        Sent beside ``Host``. Default: none.
    body : bytes, optional
        Default: none.
    """
    address = urlsplit(endpoints.url)
    trusted = ssl.create_default_context(cafile=str(endpoints.ca_bundle))
    connection = http.client.HTTPSConnection(str(address.hostname), address.port, context=trusted, timeout=120)
    try:
        connection.request(method, target, body=body, headers={"Host": domain, **(headers or {})})
        response = connection.getresponse()
        named = {name.lower(): value for name, value in response.getheaders()}
        return Answer(status=response.status, headers=named, body=response.read())
    finally:
        connection.close()


class Distributions(cdk.Stack):
    """Distributions of a bucket and of a function that returns the request, or N bytes for ``/bytes/N``.

    Both are private.
    """

    def __init__(self, scope: cdk.App, name: str) -> None:
        super().__init__(scope, name, synthesizer=cdk.BootstraplessSynthesizer())
        self.bucket = aws_s3.Bucket(self, "Bucket", removal_policy=cdk.RemovalPolicy.DESTROY)
        self.function = aws_lambda.Function(
            self,
            "Function",
            runtime=aws_lambda.Runtime.PYTHON_3_12,
            timeout=cdk.Duration.seconds(PATIENT_SECONDS),
            handler="index.handler",
            code=aws_lambda.Code.from_inline(_ECHO),
        )
        self.url = self.function.add_function_url(auth_type=aws_lambda.FunctionUrlAuthType.AWS_IAM)
        cdk.CfnOutput(self, "BucketName", value=self.bucket.bucket_name)
        cdk.CfnOutput(self, "FunctionUrl", value=self.url.url)
        cdk.CfnOutput(self, "FunctionName", value=self.function.function_name)

    def stored(self) -> cloudfront.IOrigin:
        return origins.S3BucketOrigin.with_origin_access_control(self.bucket)

    def made(self) -> cloudfront.IOrigin:
        return origins.FunctionUrlOrigin.with_origin_access_control(self.url)

    def distribution(self, name: str, origin: cloudfront.IOrigin, **behaviour: Any) -> cloudfront.Distribution:
        """A distribution that `Deployed.fetch` knows by its name."""
        made = cloudfront.Distribution(
            self,
            name,
            default_behavior=cloudfront.BehaviorOptions(
                origin=origin, allowed_methods=cloudfront.AllowedMethods.ALLOW_ALL, **behaviour
            ),
        )
        cdk.CfnOutput(self, f"{name}Domain", value=made.distribution_domain_name)
        cdk.CfnOutput(self, f"{name}Id", value=made.distribution_id)
        return made


@dataclass(frozen=True, kw_only=True)
class Deployed:
    """The outputs of a deployed stack, and the emulator."""

    endpoints: Endpoints
    outputs: dict[str, str]

    def fetch(self, name: str, target: str, **request: Any) -> Answer:
        return fetch(self.endpoints, self.outputs[f"{name}Domain"], target, **request)

    def put(self, key: str, body: bytes) -> None:
        self.endpoints.s3.put_object(Bucket=self.outputs["BucketName"], Key=key, Body=body)

    def invocations(self) -> int:
        """How often the function has run."""
        group = f"/aws/lambda/{self.outputs['FunctionName']}"
        logs = self.endpoints.logs
        pages = logs.get_paginator("filter_log_events").paginate(logGroupName=group, filterPattern="START")
        return sum(len(page["events"]) for page in pages)


def deploy(endpoints: Endpoints, app: cdk.App, stack: cdk.Stack) -> Deployed:
    """Deploy a stack that has no assets.

    Parameters
    ----------
    endpoints : Endpoints
        The emulator, and the account and region there.
    app : cdk.App
        The stack's app.
    stack : cdk.Stack
        The stack.
    """
    name = stack.stack_name
    template = json.dumps(app.synth().get_stack_by_name(name).template)
    cloudformation = endpoints.cloudformation
    cloudformation.create_stack(StackName=name, TemplateBody=template, Capabilities=["CAPABILITY_IAM"])
    cloudformation.get_waiter("stack_create_complete").wait(StackName=name, WaiterConfig={"Delay": 1})
    (deployed,) = cloudformation.describe_stacks(StackName=name)["Stacks"]
    return Deployed(
        endpoints=endpoints, outputs={it["OutputKey"]: it["OutputValue"] for it in deployed.get("Outputs", [])}
    )
