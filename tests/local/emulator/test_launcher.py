import importlib.metadata
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.local.lambda_functions import create_function, create_role, invoke, zip_of

from safelight_local.emulator.launcher import validate_version
from safelight_local.emulator.patches import SUPPORTED_VERSION
from safelight_local.emulator.patches.error_types import class_name_of
from safelight_local.emulator.process import Emulator

TRACE = 'Traceback (most recent call last):\n  File "index.py", line 2, in handler\n'
RELEASE = {
    "Version": {
        "Type": "AWS::StepFunctions::StateMachineVersion",
        "Properties": {
            "StateMachineArn": {"Ref": "Machine"},
            "StateMachineRevisionId": {"Fn::GetAtt": ["Machine", "StateMachineRevisionId"]},
        },
    },
    "Live": {
        "Type": "AWS::StepFunctions::StateMachineAlias",
        "Properties": {
            "Name": "live",
            "DeploymentPreference": {"StateMachineVersionArn": {"Ref": "Version"}, "Type": "ALL_AT_ONCE"},
        },
    },
}


def template(*, role: str, comment: str) -> str:
    definition = {"Comment": comment, "StartAt": "Done", "States": {"Done": {"Type": "Succeed"}}}
    machine = {
        "Type": "AWS::StepFunctions::StateMachine",
        "Properties": {"DefinitionString": json.dumps(definition), "RoleArn": role},
    }
    outputs = {"Alias": {"Value": {"Ref": "Live"}}, "Version": {"Value": {"Ref": "Version"}}}
    return json.dumps({"Resources": {"Machine": machine, **RELEASE}, "Outputs": outputs})


def outputs_of(emulator: Emulator, stack: str) -> dict[str, str]:
    (found,) = emulator.endpoints.cloudformation.describe_stacks(StackName=stack)["Stacks"]
    return {it["OutputKey"]: it["OutputValue"] for it in found["Outputs"]}


def routes_of(emulator: Emulator, alias: str) -> list[tuple[str, int]]:
    described = emulator.endpoints.stepfunctions.describe_state_machine_alias(stateMachineAliasArn=alias)
    return [(it["stateMachineVersionArn"], it["weight"]) for it in described["routingConfiguration"]]


def test_the_installed_ministack_is_the_supported_version() -> None:
    validate_version()


def test_another_version_of_ministack_is_rejected_with_the_command_that_installs_the_right_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(importlib.metadata, "version", lambda _: "1.6.0")
    with pytest.raises(SystemExit, match=rf"it is 1\.6\.0: pip install ministack=={SUPPORTED_VERSION}"):
        validate_version()


@given(
    module=st.sampled_from(["", "awskit.rejection.", "botocore.errorfactory.", "index.handler.<locals>."]),
    name=st.sampled_from(["RejectedImage", "ClientError", "E"]),
    message=st.text(st.characters(exclude_categories=["Cs"])),
    before=st.text(st.characters(exclude_categories=["Cs"])),
)
def test_a_class_name_is_found_in_any_message_and_log(module: str, name: str, message: str, before: str) -> None:
    ending = f"{module}{name}: {message}\n" if message else f"{module}{name}\n"
    assert class_name_of(log=f"{before}\n{TRACE}{ending}", message=message) == name


def test_a_log_without_a_traceback_has_no_class_name() -> None:
    assert class_name_of(log="Task timed out after 3.00 seconds", message="Task timed out after 3.00 seconds") is None
    assert class_name_of(log="", message="") is None


def test_a_function_cannot_import_what_is_installed_beside_the_emulator(emulator: Emulator) -> None:
    source = "def handler(event, context):\n    import numpy\n"
    create_function(emulator.endpoints, name="imports-numpy", source=source)
    assert invoke(emulator.endpoints, "imports-numpy")["errorType"] == "ModuleNotFoundError"


def test_a_function_can_import_only_the_standard_library_and_boto3_with_its_dependencies(emulator: Emulator) -> None:
    source = (
        "import json, sqlite3, sys\n"
        "import boto3, botocore, dateutil, jmespath, s3transfer, six, urllib3\n"
        "def handler(event, context):\n"
        "    boto3.client('sts').get_caller_identity()\n"
        "    return sorted(name for name, module in sys.modules.items() if 'site-packages' in str(module))\n"
    )
    create_function(emulator.endpoints, name="imports-boto3", source=source)
    assert invoke(emulator.endpoints, "imports-boto3") == []


def test_packages_of_a_function_have_priority_over_the_runtimes(emulator: Emulator) -> None:
    layer = emulator.endpoints.lambda_.publish_layer_version(
        LayerName="own-six", Content={"ZipFile": zip_of({"python/six.py": "ORIGIN = 'layer'"})}
    )
    source = "import six\ndef handler(event, context): return six.ORIGIN"
    create_function(emulator.endpoints, name="own-six", source=source, layers=[layer["LayerVersionArn"]])
    assert invoke(emulator.endpoints, "own-six") == "layer"


def test_a_stack_releases_a_state_machine_and_a_second_deployment_moves_the_alias(emulator: Emulator) -> None:
    role = create_role(emulator.endpoints, "released-role")
    client = emulator.endpoints.cloudformation
    client.create_stack(StackName="released", TemplateBody=template(role=role, comment="first"))
    client.get_waiter("stack_create_complete").wait(StackName="released", WaiterConfig={"Delay": 1})
    first = outputs_of(emulator, "released")
    assert first["Alias"].endswith(":live")
    assert routes_of(emulator, first["Alias"]) == [(first["Version"], 100)]

    client.update_stack(StackName="released", TemplateBody=template(role=role, comment="second"))
    client.get_waiter("stack_update_complete").wait(StackName="released", WaiterConfig={"Delay": 1})
    second = outputs_of(emulator, "released")
    assert second["Alias"] == first["Alias"]
    assert second["Version"] != first["Version"]
    assert routes_of(emulator, second["Alias"]) == [(second["Version"], 100)]


def test_a_released_stack_can_be_deleted(emulator: Emulator) -> None:
    client = emulator.endpoints.cloudformation
    role = create_role(emulator.endpoints, "deleted-role")
    client.create_stack(StackName="deleted", TemplateBody=template(role=role, comment="only"))
    client.get_waiter("stack_create_complete").wait(StackName="deleted", WaiterConfig={"Delay": 1})
    client.delete_stack(StackName="deleted")
    client.get_waiter("stack_delete_complete").wait(StackName="deleted", WaiterConfig={"Delay": 1})
