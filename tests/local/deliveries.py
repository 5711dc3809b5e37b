"""A deployed image delivery in the emulator, made by AWS's own APIs."""

import json
from dataclasses import dataclass, replace
from typing import Any

from tests.local.emulator_clients import client
from tests.local.lambda_functions import create_function

from safelight_contracts.delivery.forms import Dialect
from safelight_contracts.delivery.settings import (
    DeliverySettings,
    RecordsSource,
    Signing,
    Source,
    settings_to_environment,
)
from safelight_contracts.records import asset_key
from safelight_local.aws.records import to_dynamodb
from safelight_local.emulator.endpoints import Endpoints

URL = "https://images.example.com"
FIRST_KEY = "a" * 43
RECORDS = RecordsSource(table="records", workflow="W", rendition="large")
"""The records of a workflow, for the settings of a delivery."""


def settings(**changes: Any) -> DeliverySettings:
    """Settings of a delivery with a preset and a permitted width, whose other requests must be signed."""
    usual = DeliverySettings(
        scope="Site.Cdn",
        sources=(Source(bucket="photos"), Source(bucket="scans", prefix="public/")),
        results_bucket="results",
        presets={"card": {"width": "320", "height": "200", "fit": "cover"}},
        sizes=((640, None),),
        dialect=Dialect.SIH,
        signing=Signing.OPTIONAL,
        is_open=False,
        keys_secret=None,
        has_edge=True,
    )
    return replace(usual, **changes)


@dataclass(frozen=True, kw_only=True)
class Stage:
    """A deployed delivery with one key, ``1``, that its edge does not know yet."""

    endpoints: Endpoints
    secret: str
    store: str

    @property
    def keys(self) -> dict[str, str]:
        """What is in the secret."""
        answer = self.endpoints.secretsmanager.get_secret_value(SecretId=self.secret)
        read: dict[str, str] = json.loads(answer["SecretString"])
        return read

    @property
    def at_edge(self) -> dict[str, str]:
        """What is in the key value store."""
        items = self.endpoints.key_values.list_keys(KvsARN=self.store)["Items"]
        return {item["Key"]: item["Value"] for item in items}


def deploy_delivery(endpoints: Endpoints, *, stack: str = "Site", url: str = URL, **changes: Any) -> Stage:
    """Make a stack with the outputs of a delivery, and what they name."""
    secret = client(endpoints, "secretsmanager").create_secret(
        Name=f"{stack}-keys", SecretString=json.dumps({"1": FIRST_KEY})
    )["ARN"]
    store = client(endpoints, "cloudfront").create_key_value_store(Name=f"{stack}-keys")["KeyValueStore"]["ARN"]
    function = create_function(endpoints, name=f"{stack}-make", source="def handler(event, context): ...")
    endpoints.lambda_.update_function_configuration(
        FunctionName=function,
        Environment={"Variables": settings_to_environment(settings(keys_secret=secret, **changes))},
    )
    outputs = {"DeliveryUrl": f"{url}/", "MakeFunctionArn": function, "KeyValueStoreArn": store}
    endpoints.cloudformation.create_stack(
        StackName=stack,
        TemplateBody=json.dumps(
            {
                "Resources": {"Topic": {"Type": "AWS::SNS::Topic"}},
                "Outputs": {f"Cdn{name}A1B2C3D4": {"Value": value} for name, value in outputs.items()},
            }
        ),
    )
    endpoints.cloudformation.get_waiter("stack_create_complete").wait(StackName=stack, WaiterConfig={"Delay": 1})
    return Stage(endpoints=endpoints, secret=secret, store=store)


def publish(endpoints: Endpoints, *, key: str, rendition: str) -> None:
    """Record in the table of `RECORDS` that an upload's rendition is published, and make the table if it is missing.

    `rendition`: the key of the object.
    """
    if RECORDS.table not in endpoints.dynamodb.list_tables()["TableNames"]:
        endpoints.dynamodb.create_table(
            TableName=RECORDS.table,
            BillingMode="PAY_PER_REQUEST",
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
            AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk")],
        )
    name = to_dynamodb(asset_key(key, place_id=key.partition("/")[0], workflow=RECORDS.workflow))
    published = {"M": {"name": {"S": RECORDS.rendition}, "key": {"S": rendition}}}
    endpoints.dynamodb.put_item(TableName=RECORDS.table, Item={**name, "renditions": {"L": [published]}})
