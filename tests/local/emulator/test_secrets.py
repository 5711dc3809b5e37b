"""Secrets that CloudFormation makes."""

import json
import string
from typing import Any

import pytest
from tests.local.emulator_clients import client

from safelight_local.emulator.process import Emulator

STACK, CHANGED = "secrets", "changed-secrets"


def template(description: str) -> str:
    generated = {
        "SecretStringTemplate": "{}",
        "GenerateStringKey": "1",
        "PasswordLength": 43,
        "ExcludePunctuation": True,
        "ExcludeNumbers": True,
        "ExcludeCharacters": "aeiou",
    }
    secret = {
        "Type": "AWS::SecretsManager::Secret",
        "Properties": {"Description": description, "GenerateSecretString": generated},
    }
    outputs = {"Ref": {"Value": {"Ref": "Secret"}}, "Id": {"Value": {"Fn::GetAtt": ["Secret", "Id"]}}}
    return json.dumps({"Resources": {"Secret": secret}, "Outputs": outputs})


@pytest.fixture(scope="module")
def cloudformation(emulator: Emulator) -> Any:
    made = emulator.endpoints.cloudformation
    for stack in (STACK, CHANGED):
        made.create_stack(StackName=stack, TemplateBody=template("old"))
        made.get_waiter("stack_create_complete").wait(StackName=stack, WaiterConfig={"Delay": 1})
    return made


def reference(cloudformation: Any, *, stack: str = STACK) -> str:
    (described,) = cloudformation.describe_stacks(StackName=stack)["Stacks"]
    outputs = {it["OutputKey"]: it["OutputValue"] for it in described["Outputs"]}
    assert outputs["Ref"] == outputs["Id"]
    return str(outputs["Ref"])


def test_a_reference_to_a_secret_is_its_arn(emulator: Emulator, cloudformation: Any) -> None:
    arn = reference(cloudformation)
    assert client(emulator.endpoints, "secretsmanager").describe_secret(SecretId=arn)["ARN"] == arn
    assert arn.startswith("arn:aws:secretsmanager:")


def test_a_generated_secret_has_no_character_that_is_excluded(emulator: Emulator, cloudformation: Any) -> None:
    secrets = client(emulator.endpoints, "secretsmanager")
    text = json.loads(secrets.get_secret_value(SecretId=reference(cloudformation))["SecretString"])["1"]
    assert len(text) == 43
    assert set(text) <= set(string.ascii_letters) - set("aeiou")


def test_an_updated_secret_keeps_its_value_and_a_deleted_one_is_gone(emulator: Emulator, cloudformation: Any) -> None:
    secrets = client(emulator.endpoints, "secretsmanager")
    arn = reference(cloudformation, stack=CHANGED)
    before = secrets.get_secret_value(SecretId=arn)["SecretString"]
    cloudformation.update_stack(StackName=CHANGED, TemplateBody=template("new"))
    cloudformation.get_waiter("stack_update_complete").wait(StackName=CHANGED, WaiterConfig={"Delay": 1})
    assert reference(cloudformation, stack=CHANGED) == arn
    assert secrets.get_secret_value(SecretId=arn)["SecretString"] == before
    assert secrets.describe_secret(SecretId=arn)["Description"] == "new"
    cloudformation.delete_stack(StackName=CHANGED)
    cloudformation.get_waiter("stack_delete_complete").wait(StackName=CHANGED, WaiterConfig={"Delay": 1})
    with pytest.raises(secrets.exceptions.ResourceNotFoundException):
        secrets.get_secret_value(SecretId=arn)
