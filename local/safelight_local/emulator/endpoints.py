"""The emulator's address, credentials and certificate, for programs on this machine."""

import os
import re
from dataclasses import dataclass, replace
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import boto3
import botocore.session
from botocore.awsrequest import AWSRequest
from botocore.config import Config

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_logs import CloudWatchLogsClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_stepfunctions import SFNClient

REGION = "us-east-1"
"""The region of what an app deploys without naming one."""

ACCOUNT = "000000000000"
"""The account of what an app deploys without naming one."""

_SECRET = "test"  # noqa: S105 - the emulator takes any

# boto3 reads the user's profile and files before any argument. The emulator must not use them.
_NO_FILES: dict[str, tuple[str | None, object, str | None, None]] = {
    "profile": (None, [], None, None),
    "config_file": (None, None, os.devnull, None),
    "credentials_file": (None, None, os.devnull, None),
}


@dataclass(frozen=True, kw_only=True, order=True)
class Environment:
    """An AWS account and a region, as in a CDK ``Environment``.

    Attributes
    ----------
    account : str
        Twelve digits. Default: `ACCOUNT`.
    region : str
        Default: `REGION`.
    """

    account: str = ACCOUNT
    region: str = REGION

    def __str__(self) -> str:
        return f"aws://{self.account}/{self.region}"


@dataclass(frozen=True, kw_only=True)
class Endpoints:
    """The address of an emulator, the certificate its clients trust, and the environment that they work in.

    Attributes
    ----------
    url : str
        ``https://localhost:PORT``.
    ca_bundle : Path
        The emulator's certificate, as PEM.
    home : Environment
        Where the clients work. Default: `ACCOUNT` and `REGION`.
    environments : tuple[Environment, ...]
        All that apps are deployed to. Default: `ACCOUNT` and `REGION`.
    """

    url: str
    ca_bundle: Path
    home: Environment = Environment()
    environments: tuple[Environment, ...] = (Environment(),)

    @property
    def everywhere(self) -> "list[Endpoints]":
        """One for each environment that the app is deployed to."""
        return [self.at(environment) for environment in self.environments]

    def at(self, environment: Environment) -> "Endpoints":
        """Return the same emulator with clients that work in another environment."""
        return self if environment == self.home else _moved(self, environment)

    def of(self, arn: str) -> "Endpoints":
        """Return the same emulator with clients that work in the account and region of an ARN."""
        _arn, _partition, _service, region, account, *_name = arn.split(":")
        return self.at(Environment(account=account, region=region))

    @cached_property
    def session(self) -> boto3.Session:
        """A boto3 session with the emulator's credentials and region, without the user's settings."""
        return boto3.Session(
            aws_access_key_id=self.home.account,
            aws_secret_access_key=_SECRET,
            region_name=self.home.region,
            botocore_session=botocore.session.Session(session_vars=_NO_FILES),
        )

    @property
    def config(self) -> Config:
        """Client settings: no proxy between this machine and itself, and room for 50 calls at once."""
        return Config(proxies={}, max_pool_connections=50, retries={"mode": "standard", "max_attempts": 4})

    @property
    def client_settings(self) -> dict[str, Any]:
        """The arguments beside the service's name that make ``session`` a client of the emulator."""
        return {"endpoint_url": self.url, "verify": str(self.ca_bundle), "config": self.config}

    @cached_property
    def s3(self) -> "S3Client":
        """The S3 client of the emulator."""
        return self.session.client("s3", **self.client_settings)

    @cached_property
    def dynamodb(self) -> "DynamoDBClient":
        """The DynamoDB client of the emulator."""
        return self.session.client("dynamodb", **self.client_settings)

    @cached_property
    def stepfunctions(self) -> "SFNClient":
        """The Step Functions client of the emulator."""
        return self.session.client("stepfunctions", **self.client_settings)

    @cached_property
    def cloudformation(self) -> "CloudFormationClient":
        """The CloudFormation client of the emulator."""
        return self.session.client("cloudformation", **self.client_settings)

    @cached_property
    def lambda_(self) -> "LambdaClient":
        """The Lambda client of the emulator."""
        return self.session.client("lambda", **self.client_settings)

    @cached_property
    def logs(self) -> "CloudWatchLogsClient":
        """The CloudWatch Logs client of the emulator."""
        return self.session.client("logs", **self.client_settings)

    @cached_property
    def secretsmanager(self) -> Any:
        """The Secrets Manager client of the emulator."""
        return self._client("secretsmanager", config=self.config)

    @cached_property
    def key_values(self) -> Any:
        """The client of the values in CloudFront's key value stores.

        AWS wants its calls signed with SigV4A, for which botocore needs awscrt. The emulator accepts SigV4.
        """
        made = self._client("cloudfront-keyvaluestore", config=self.config.merge(Config(signature_version="v4")))

        # botocore puts the account before the host, and not every machine resolves names under `localhost`.
        def without_account(request: AWSRequest, **_event: object) -> None:
            request.url = str(request.url).replace(f"//{self.home.account}.", "//", 1)

        made.meta.events.register("before-sign.cloudfront-keyvaluestore", without_account)
        return made

    def _client(self, service: str, *, config: Config) -> Any:
        make: Any = self.session.client
        return make(service, **self.client_settings | {"config": config})

    def viewer_url(self, url: str) -> str | None:
        """Return the address of a distribution on this machine, which browsers and curl find without DNS (RFC 6761).

        Parameters
        ----------
        url : str
            ``https://ID.cloudfront.net``.

        Returns
        -------
        str or None
            ``https://ID.cloudfront.localhost:PORT``. None if the URL has another domain. The certificate does not
            cover it.
        """
        distribution = re.fullmatch(r"https://([a-z0-9]+)\.cloudfront\.net", url)
        return distribution and f"https://{distribution[1]}.cloudfront.localhost:{urlsplit(self.url).port}"

    def variables(self) -> dict[str, str]:
        """Environment variables that point the CDK CLI, the AWS CLI and any SDK at the emulator.

        Returns
        -------
        dict[str, str]
            Credentials, region, address and certificate, with the user's own AWS files switched off.
        """
        return {
            # The emulator takes an account's number for the key of the account's root user.
            "AWS_ACCESS_KEY_ID": self.home.account,
            "AWS_SECRET_ACCESS_KEY": _SECRET,
            "AWS_REGION": self.home.region,
            "AWS_DEFAULT_REGION": self.home.region,
            "AWS_ENDPOINT_URL": self.url,
            "AWS_CA_BUNDLE": str(self.ca_bundle),
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "AWS_EC2_METADATA_DISABLED": "true",
            "NODE_EXTRA_CA_CERTS": str(self.ca_bundle),
        }

    def environment(self) -> dict[str, str]:
        """Give this process's environment, pointed at the emulator, for a subprocess.

        Nothing that begins with ``AWS_`` or ``CDK_`` is passed on. Proxies are (an app's layers come from a
        package index), but never between this machine and itself, and so are the certificates that the user has
        Node.js trust.

        Returns
        -------
        dict[str, str]
            A whole environment, for ``subprocess.run(env=...)``.
        """
        return _kept() | self.variables() | self.no_proxy() | self._certificates_for_node()

    def no_proxy(self) -> dict[str, str]:
        """Environment variables that keep proxies out between this machine and itself, the user's other hosts kept."""
        others = os.environ.get("NO_PROXY") or os.environ.get("no_proxy")
        direct = ",".join(filter(None, [others, "localhost", "127.0.0.1"]))
        return {"NO_PROXY": direct, "no_proxy": direct}

    def _certificates_for_node(self) -> dict[str, str]:
        own = os.environ.get("NODE_EXTRA_CA_CERTS")
        if not own or not Path(own).is_file():
            return {}
        # Node.js takes one file.
        both = self.ca_bundle.with_name("certificates-for-node.pem")
        both.write_bytes(self.ca_bundle.read_bytes() + b"\n" + Path(own).read_bytes())
        return {"NODE_EXTRA_CA_CERTS": str(both)}


def environment_without_emulator() -> dict[str, str]:
    """Give this process's environment, without credentials, for a subprocess that makes no call of AWS.

    Returns
    -------
    dict[str, str]
        A whole environment, as `Endpoints.environment` gives it, with the account and region of `Environment`.
    """
    return _kept() | {
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        # The CDK CLI asks AWS for the account if it has credentials. Otherwise it leaves this variable as it is.
        "CDK_DEFAULT_ACCOUNT": ACCOUNT,
    }


def _kept() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "CDK_"))}


@cache
def _moved(endpoints: Endpoints, environment: Environment) -> Endpoints:
    # Kept, because its clients are slow to make.
    return replace(endpoints, home=environment)
