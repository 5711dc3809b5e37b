"""AWS clients for reading a deployed workflow: an emulator's, or those of a real account."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from safelight_local.errors import UserError

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_logs import CloudWatchLogsClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_stepfunctions import SFNClient


class Clients(Protocol):
    """The clients that read workflows: `Endpoints` for an emulator, `Account` for a real account."""

    @property
    def s3(self) -> "S3Client":
        """The S3 client."""

    @property
    def dynamodb(self) -> "DynamoDBClient":
        """The DynamoDB client."""

    @property
    def stepfunctions(self) -> "SFNClient":
        """The Step Functions client."""

    @property
    def cloudformation(self) -> "CloudFormationClient":
        """The CloudFormation client."""

    @property
    def lambda_(self) -> "LambdaClient":
        """The Lambda client."""

    @property
    def logs(self) -> "CloudWatchLogsClient":
        """The CloudWatch Logs client."""

    @property
    def secretsmanager(self) -> Any:
        """The Secrets Manager client."""

    @property
    def key_values(self) -> Any:
        """The client of the values in CloudFront's key value stores."""

    @property
    def everywhere(self) -> "Sequence[Clients]":
        """One for each account and region that workflows may be deployed to."""

    def of(self, arn: str) -> "Clients":
        """Return the clients of the account and region that an ARN names."""

    def viewer_url(self, url: str) -> str | None:
        """Return the address on this machine of what AWS has at a URL. None if there is none."""


@dataclass(frozen=True, kw_only=True)
class Account:
    """A real AWS account, reached as boto3 finds its credentials.

    `region`: such as ``eu-west-1``.
    """

    number: str
    region: str
    session: boto3.Session

    @property
    def everywhere(self) -> "list[Account]":
        """Only itself: it is one account and region."""
        return [self]

    def of(self, arn: str) -> "Account":  # noqa: ARG002 - every ARN that is read here is of this account and region
        """Return itself."""
        return self

    def viewer_url(self, url: str) -> str | None:  # noqa: ARG002 - nothing of an account is on this machine
        """Return None."""
        return None

    @property
    def config(self) -> Config:
        """Client settings: calls slow down automatically when throttled."""
        return Config(max_pool_connections=20, retries={"mode": "adaptive", "max_attempts": 8})

    @cached_property
    def s3(self) -> "S3Client":
        """The S3 client of the account."""
        return self.session.client("s3", config=self.config)

    @cached_property
    def dynamodb(self) -> "DynamoDBClient":
        """The DynamoDB client of the account."""
        return self.session.client("dynamodb", config=self.config)

    @cached_property
    def stepfunctions(self) -> "SFNClient":
        """The Step Functions client of the account."""
        return self.session.client("stepfunctions", config=self.config)

    @cached_property
    def cloudformation(self) -> "CloudFormationClient":
        """The CloudFormation client of the account."""
        return self.session.client("cloudformation", config=self.config)

    @cached_property
    def lambda_(self) -> "LambdaClient":
        """The Lambda client of the account."""
        return self.session.client("lambda", config=self.config)

    @cached_property
    def logs(self) -> "CloudWatchLogsClient":
        """The CloudWatch Logs client of the account."""
        return self.session.client("logs", config=self.config)

    @cached_property
    def secretsmanager(self) -> Any:
        """The Secrets Manager client of the account."""
        return self._client("secretsmanager")

    @cached_property
    def key_values(self) -> Any:
        """The client of the values in CloudFront's key value stores. Its calls need awscrt, which signs with SigV4A."""
        return self._client("cloudfront-keyvaluestore")

    def _client(self, service: str) -> Any:
        make: Any = self.session.client
        return make(service, config=self.config)


def find_account(*, region: str | None = None, profile: str | None = None) -> Account:
    """Find the account that the user's credentials are of.

    `region`: Default: the region of the environment or the profile.
    `profile`: a profile of the AWS CLI. Default: boto3's credential chain.

    Raises UserError if there are no credentials or no region, or AWS refuses them.
    """
    try:
        session = boto3.Session(region_name=region, profile_name=profile)
        if session.region_name is None:
            raise UserError("no region is set: use --region or AWS_REGION")
        number = session.client("sts").get_caller_identity()["Account"]
    except (BotoCoreError, ClientError) as error:
        raise UserError(f"no AWS account can be reached: {error}") from error
    return Account(number=number, region=session.region_name, session=session)
