"""The state machine that runs a workflow again: what it may do, and what its definition says."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import aws_kms, aws_s3
from aws_cdk.aws_stepfunctions import LogLevel
from tests.synth.image_workflow.synthesised import Synthesised

from safelight import WorkflowVersion
from safelight.image_workflow.reprocess import Reprocess

ROOT = Path(__file__).parents[3]
DEFINITION = ROOT / "statemachines" / "image_workflow" / "reprocess" / "v1.asl.json"

# What the linter does not know: both are in the Amazon States Language for Distributed Maps in JSONata.
NOT_KNOWN_TO_STATELINT = ("MaxConcurrency is ", 'Field "Label" not allowed')


def definition() -> dict[str, Any]:
    read: dict[str, Any] = json.loads(DEFINITION.read_text())
    return read


def every_upload() -> dict[str, Any]:
    state: dict[str, Any] = definition()["States"]["Process Every Upload"]
    return state


def tasks() -> dict[str, dict[str, Any]]:
    states = definition()["States"] | every_upload()["ItemProcessor"]["States"]
    return {name: state for name, state in states.items() if state["Type"] == "Task"}


class Built:
    """A workflow and its reprocess, with the template of both."""

    def __init__(self, built: Synthesised, **arguments: Any) -> None:
        Reprocess(built.stack, "Again", workflow=built.workflow, **arguments)
        self.template = built.template

    def statements(self) -> list[dict[str, Any]]:
        policies = self.template.find_resources("AWS::IAM::Policy")
        return [
            statement
            for logical_id, policy in policies.items()
            if logical_id.startswith("Again")
            for statement in policy["Properties"]["PolicyDocument"]["Statement"]
        ]

    def granting(self, action: str) -> list[tuple[list[str], dict[str, Any]]]:
        """Resources and conditions of the statements that allow an action."""
        return [
            (resources(statement), statement.get("Condition", {}))
            for statement in self.statements()
            if action in listed(statement["Action"])
        ]

    def machine(self) -> dict[str, Any]:
        found = self.template.find_resources("AWS::StepFunctions::StateMachine")
        (properties,) = (it["Properties"] for name, it in found.items() if name.startswith("Again"))
        return dict(properties)


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def text(resource: Any) -> str:
    match resource:
        case str():
            return resource
        case {"Ref": str(name)} | {"Fn::GetAtt": [str(name), _]}:
            return re.sub("[0-9A-F]{8}$", "", name)
        case {"Fn::Join": ["", [*parts]]}:
            return "".join(text(part) for part in parts)
    raise AssertionError(resource)


def resources(statement: dict[str, Any]) -> list[str]:
    return sorted(text(resource) for resource in listed(statement["Resource"]))


@pytest.fixture(scope="module")
def again(tmp_path_factory: pytest.TempPathFactory) -> Built:
    arguments = {"key_prefix": "incoming/"}
    return Built(Synthesised(outdir=tmp_path_factory.mktemp("again"), arguments=arguments))


def test_only_uploads_under_the_workflow_s_prefix_can_be_read(again: Built) -> None:
    assert (["WorkflowUploads/incoming/*"], {}) in again.granting("s3:GetObject")


def test_s3_answers_404_for_an_upload_that_was_deleted_since_it_was_listed(again: Built) -> None:
    # A HEAD request sends no prefix, so a condition on the prefix would turn the 404 into a 403.
    assert again.granting("s3:ListBucket") == [(["WorkflowUploads"], {})]


def test_a_redrive_of_a_run_can_redrive_the_child_executions_of_its_map(again: Built) -> None:
    children = "arn:AWS::Partition:states:eu-west-1:111122223333:execution:AgainStateMachine/Uploads:*"
    assert again.granting("states:RedriveExecution") == [([children], {})]


def test_an_error_of_s3_without_a_name_is_retried_as_long_as_throttling() -> None:
    retriers = tasks()["Find Version"]["Retry"]
    (found,) = (it for it in retriers if "S3.S3Exception" in it["ErrorEquals"])
    assert (found["MaxAttempts"], found["MaxDelaySeconds"]) == (12, 120)
    # Step Functions uses the first retrier that matches.
    assert retriers.index(found) > retriers.index({"ErrorEquals": ["S3.NoSuchKeyException"], "MaxAttempts": 0})


def test_no_upload_and_no_rendition_can_be_changed(again: Built) -> None:
    for statement in again.statements():
        writes = {it for it in listed(statement["Action"]) if re.match(r"s3:(Put|Delete)", it)}
        assert not writes or resources(statement) == ["AgainResults/*"]


def test_records_of_uploads_are_only_read_and_only_the_count_is_written(again: Built) -> None:
    for action, keys in (("Query", "IMAGE#Test.Workflow#*"), ("GetItem", "REPROCESS#*"), ("UpdateItem", "REPROCESS#*")):
        assert again.granting(f"dynamodb:{action}") == [
            (["WorkflowRecords"], {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": [keys]}})
        ]
    assert not again.granting("dynamodb:PutItem")


def test_the_released_workflow_may_be_started_and_no_other_version(again: Built) -> None:
    qualified = {"ForAnyValue:StringEquals": {"states:StateMachineQualifier": ["live"]}}
    assert (["WorkflowStateMachine"], qualified) in again.granting("states:StartExecution")


def test_only_the_workflow_may_be_described(again: Built) -> None:
    assert again.granting("states:DescribeStateMachine") == [(["WorkflowStateMachine"], {})]


def test_its_map_may_start_itself_and_watch_what_it_starts(again: Built) -> None:
    assert (["AgainStateMachine"], {}) in again.granting("states:StartExecution")
    watched = [resource for found, _ in again.granting("states:StopExecution") for resource in found]
    base = "arn:AWS::Partition:states:eu-west-1:111122223333:execution:"
    assert sorted(watched) == [
        f"{base}AgainStateMachine/Uploads:*",
        f"{base}AgainStateMachine:*",
        f"{base}WorkflowStateMachine:*",
    ]
    assert again.granting("states:DescribeExecution") == again.granting("states:StopExecution")


def test_it_may_use_the_rule_that_reports_ended_executions(again: Built) -> None:
    rule = "rule/StepFunctionsGetEventsForStepFunctionsExecutionRule"
    for action in ("events:PutTargets", "events:PutRule", "events:DescribeRule"):
        assert again.granting(action) == [([f"arn:AWS::Partition:events:eu-west-1:111122223333:{rule}"], {})]


def test_only_the_actions_of_the_definition_are_permitted(again: Built) -> None:
    permitted = {action for statement in again.statements() for action in listed(statement["Action"])}
    unscoped = {action for action in permitted if action.split(":")[0] in ("logs", "xray")}
    assert permitted - unscoped == {
        "s3:ListBucket",
        "s3:GetObject",
        "s3:PutObject",
        "s3:ListMultipartUploadParts",
        "s3:AbortMultipartUpload",
        "dynamodb:Query",
        "dynamodb:GetItem",
        "dynamodb:UpdateItem",
        "states:StartExecution",
        "states:DescribeStateMachine",
        "states:DescribeExecution",
        "states:StopExecution",
        "states:RedriveExecution",
        "events:PutTargets",
        "events:PutRule",
        "events:DescribeRule",
    }
    assert {state["Resource"].removeprefix("arn:aws:states:::") for state in tasks().values()} == {
        "aws-sdk:sfn:describeStateMachine",
        "aws-sdk:sfn:describeExecution",
        "aws-sdk:s3:headObject",
        "aws-sdk:dynamodb:query",
        "states:startExecution.sync:2",
        "dynamodb:updateItem",
        "dynamodb:getItem",
    }


def test_the_key_of_a_bucket_may_be_used(build_own: Any) -> None:
    built = build_own(
        version=WorkflowVersion.V1,
        upload_bucket=lambda stack: aws_s3.Bucket(
            stack, "Mine", encryption_key=aws_kms.Key(stack, "Key"), event_bridge_enabled=True
        ),
    )
    assert Built(built).granting("kms:Decrypt")


def test_resources_are_traced_and_logged_and_logs_expire(again: Built) -> None:
    machine = again.machine()
    assert machine["TracingConfiguration"] == {"Enabled": True}
    assert machine["LoggingConfiguration"]["Level"] == "ALL"
    assert machine["LoggingConfiguration"]["IncludeExecutionData"] is False
    assert machine.get("StateMachineType", "STANDARD") == "STANDARD"
    (results,) = (
        it["Properties"] for name, it in again.template.find_resources("AWS::S3::Bucket").items() if "Again" in name
    )
    rules = {rule["Id"]: rule for rule in results["LifecycleConfiguration"]["Rules"]}
    assert rules["ExpireResults"]["ExpirationInDays"] == 30


@pytest.mark.parametrize("level", [LogLevel.ALL, LogLevel.ERROR, LogLevel.OFF])
def test_the_workflow_and_its_reprocess_log_what_log_level_says(build_own: Any, level: LogLevel) -> None:
    built = Built(build_own(version=WorkflowVersion.V1, log_level=level))
    machines = built.template.find_resources("AWS::StepFunctions::StateMachine").values()
    assert [it["Properties"]["LoggingConfiguration"]["Level"] for it in machines] == [level.name, level.name]


@pytest.mark.parametrize(("arguments", "bound"), [({}, "10"), ({"max_concurrency": 3}, "3")], ids=["left out", "3"])
def test_the_given_limit_applies(build_own: Any, arguments: dict[str, Any], bound: str) -> None:
    built = Built(build_own(version=WorkflowVersion.V1), **arguments)
    assert built.machine()["DefinitionSubstitutions"]["MaxConcurrency"] == bound


def test_a_limit_that_step_functions_would_ignore_is_rejected(build_own: Any) -> None:
    built = build_own(version=WorkflowVersion.V1)
    for number, bound in enumerate((0, -1, 10_001)):
        with pytest.raises(ValueError, match=f"max_concurrency={bound} must be 1 to 10,000"):
            Reprocess(built.stack, f"Again{number}", workflow=built.workflow, max_concurrency=bound)


def test_every_placeholder_has_a_value(again: Built) -> None:
    names = set(re.findall(r"\$\{(\w+)\}", DEFINITION.read_text()))
    assert names == set(again.machine()["DefinitionSubstitutions"])


def test_the_outputs_name_the_reprocessed_workflow(again: Built) -> None:
    outputs = {
        re.sub("[0-9A-F]{8}$", "", name): text(it["Value"]) for name, it in again.template.find_outputs("*").items()
    }
    assert outputs["AgainReprocessorArn"] == "AgainStateMachine"
    assert outputs["AgainReprocessedWorkflowArn"] == "WorkflowStateMachine"


def test_statelint_finds_no_known_problem() -> None:
    command = [sys.executable, "-m", "statelint", "--eval-jsonata", str(DEFINITION)]
    found = subprocess.run(command, capture_output=True, text=True, check=False)
    findings = [line for line in found.stdout.splitlines()[1:] if not any(it in line for it in NOT_KNOWN_TO_STATELINT)]
    assert (findings, found.stderr) == ([], "")


def test_throttling_is_retried_with_full_jitter_and_a_bound() -> None:
    for name, state in tasks().items():
        throttled = [it for it in state["Retry"] if any("Throttling" in error for error in it["ErrorEquals"])]
        assert throttled, name
        for retrier in throttled:
            assert (retrier["JitterStrategy"], retrier["MaxAttempts"], retrier["MaxDelaySeconds"]) == ("FULL", 12, 120)


def test_a_workflow_that_failed_is_not_started_twice() -> None:
    state = every_upload()["ItemProcessor"]["States"]["Process Again"]
    assert state["Retry"][-1] == {"ErrorEquals": ["States.ALL"], "MaxAttempts": 0}
    assert "States.TaskFailed" not in {error for it in state["Retry"] for error in it["ErrorEquals"]}


def test_a_failed_upload_is_counted_and_stops_nothing() -> None:
    assert every_upload()["ToleratedFailurePercentage"] == 100
    children = every_upload()["ItemProcessor"]["States"]
    for name in ("Find Version", "Find Record", "Find Execution", "Process Again"):
        assert children[name]["Catch"][-1]["Next"] == "Count Outcome"


def test_children_run_as_standard_executions_because_express_ones_cannot_wait() -> None:
    assert every_upload()["ItemProcessor"]["ProcessorConfig"] == {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}
    assert len(every_upload()["Label"]) <= 40


def test_no_state_of_a_child_refers_to_a_variable_of_the_run() -> None:
    # Child executions of a Distributed Map see none.
    child = json.dumps(every_upload()["ItemProcessor"])
    used = set(re.findall(r"\$(workflowCreated|recordedBy|versionId|etag|size|sequencer|status|failure)\b", child))
    assigned = {
        name for state in every_upload()["ItemProcessor"]["States"].values() for name in state.get("Assign", {})
    }
    assert used <= assigned
