"""Distributions of a bucket with a function behind it, both private."""

import aws_cdk as cdk
import pytest
from aws_cdk import aws_cloudfront as cloudfront
from aws_cdk import aws_cloudfront_origins as origins
from aws_cdk import aws_lambda
from botocore.exceptions import ClientError
from tests.local.distributions import Deployed, Distributions, deploy, fetch
from tests.local.emulator_clients import client

from safelight_local.emulator.endpoints import Endpoints, Environment
from safelight_local.emulator.process import Emulator

FAILING_OVER = [403, 404, 500, 502, 503, 504]
UNREACHABLE = "none.execute-api.us-east-1.amazonaws.com"  # the emulator never connects to AWS
INVOKING = ["lambda:InvokeFunctionUrl", "lambda:InvokeFunction"]


class Groups(Distributions):
    """Distributions that fail over to the function, and distributions that may not invoke it."""

    def __init__(self, scope: cdk.App, name: str) -> None:
        super().__init__(scope, name)
        self.distribution("Group", self.group(self.stored()))
        self.distribution(
            "Unreachable",
            self.group(origins.HttpOrigin(UNREACHABLE)),
            response_headers_policy=cloudfront.ResponseHeadersPolicy(
                self,
                "Headers",
                security_headers_behavior=cloudfront.ResponseSecurityHeadersBehavior(
                    content_type_options=cloudfront.ResponseHeadersContentTypeOptions(override=True)
                ),
            ),
        )
        for action in INVOKING:
            withhold(action, of=self.distribution(without(action), self.made()))

    def group(self, first: cloudfront.IOrigin) -> cloudfront.IOrigin:
        return origins.OriginGroup(
            primary_origin=first, fallback_origin=self.made(), fallback_status_codes=FAILING_OVER
        )


def without(action: str) -> str:
    """Name the distribution that lacks the permission for an action."""
    return f"Without{action.removeprefix('lambda:')}"


def withhold(action: str, *, of: cloudfront.Distribution) -> None:
    """Remove one of the permissions that the CDK gives to a distribution."""
    for construct in of.node.find_all():
        if isinstance(construct, aws_lambda.CfnPermission) and construct.action == action:
            assert construct.node.scope is not None
            construct.node.scope.node.try_remove_child(construct.node.id)


@pytest.fixture(scope="module")
def deployed(emulator: Emulator) -> Deployed:
    app = cdk.App()
    return deploy(emulator.endpoints, app, Groups(app, "groups"))


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


@pytest.mark.parametrize(("size", "status"), [(4_700_000, 200), (4_800_000, 502)])
def test_a_function_returns_at_most_6_mb_as_base64(deployed: Deployed, size: int, status: int) -> None:
    answer = deployed.fetch("Group", f"/bytes/{size}")
    assert answer.status == status
    assert (answer.body == bytes(size)) is (status == 200)


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
    assert fetch(deployed.endpoints, host, "/").status == 403


def test_a_distribution_of_another_account_is_served(emulator: Emulator) -> None:
    app = cdk.App()
    stack = Distributions(app, "elsewhere")
    stack.distribution("Elsewhere", stack.stored())
    elsewhere = deploy(emulator.endpoints.at(Environment(account="111122223333", region="eu-west-1")), app, stack)
    elsewhere.put("there.txt", b"stored")
    assert elsewhere.fetch("Elsewhere", "/there.txt").body == b"stored"


def test_paths_are_invalidated_by_those_who_may(deployed: Deployed) -> None:
    endpoints = deployed.endpoints
    distribution = deployed.outputs["GroupId"]
    batch = {"Paths": {"Quantity": 1, "Items": ["/r1/a/*"]}, "CallerReference": "first"}
    made = client(endpoints, "cloudfront").create_invalidation(DistributionId=distribution, InvalidationBatch=batch)
    assert made["Invalidation"]["InvalidationBatch"] == batch
    stranger = client(endpoints, "cloudfront", **credentials_of_nobody(endpoints))
    with pytest.raises(ClientError, match="AccessDenied"):
        stranger.create_invalidation(DistributionId=distribution, InvalidationBatch=batch)


def test_the_response_headers_policy_sets_headers(deployed: Deployed) -> None:
    assert deployed.fetch("Unreachable", "/a").headers["x-content-type-options"] == "nosniff"


def credentials_of_nobody(endpoints: Endpoints) -> dict[str, str]:
    """Credentials of a user without permissions."""
    iam = client(endpoints, "iam")
    iam.create_user(UserName="nobody")
    key = iam.create_access_key(UserName="nobody")["AccessKey"]
    return {"aws_access_key_id": key["AccessKeyId"], "aws_secret_access_key": key["SecretAccessKey"]}
