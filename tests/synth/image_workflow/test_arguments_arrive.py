"""What a workflow is given arrives where it is needed, in every version, and what it makes is kept for a set time."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from tests.synth.image_workflow.templates import Permission, WorkflowTemplate, referenced

from safelight import WorkflowVersion

Templates = Callable[[WorkflowVersion], WorkflowTemplate]

each_version = pytest.mark.parametrize("version", list(WorkflowVersion), ids=lambda version: version.value)


def touching(template: WorkflowTemplate, resource: str) -> set[Permission]:
    """Every permission of every role whose resource has that in its ARN."""
    return {it for granted in template.permissions().values() for it in granted if resource in it.on}


@each_version
def test_renditions_are_written_and_read_only_under_their_prefix(
    brought_along: Templates, version: WorkflowVersion
) -> None:
    template = brought_along(version)
    assert set(template.told("PUBLISHED_PREFIX")) == {"site/"}
    assert set(template.told("PUBLISHED_BUCKET")) == {"published"}
    permitted = touching(template, ":::published")
    assert {it.action for it in permitted} >= {"s3:PutObject"}
    for permission in permitted:
        bucket = permission.action in ("s3:ListBucket", "s3:ListBucketVersions")
        assert permission.on.endswith(':::published"]]}' if bucket else ':::published/site/*"]]}'), permission


@each_version
def test_uploads_are_read_only_under_their_prefix(brought_along: Templates, version: WorkflowVersion) -> None:
    permitted = touching(brought_along(version), ":::uploads")
    assert {it.action for it in permitted} >= {"s3:GetObject"}
    for permission in permitted:
        bucket = permission.action in ("s3:ListBucket", "s3:ListBucketVersions")
        assert permission.on.endswith(':::uploads"]]}' if bucket else ':::uploads/incoming/*"]]}'), permission


@each_version
def test_functions_and_states_find_the_place_after_the_prefix(
    brought_along: Templates, version: WorkflowVersion
) -> None:
    template = brought_along(version)
    assert set(template.told("KEY_PREFIX")) == {"incoming/"}
    assert template.machine["DefinitionSubstitutions"]["KeyPrefix"] == "incoming/"
    assert template.reprocess["DefinitionSubstitutions"]["KeyPrefix"] == "incoming/"


@each_version
def test_outcomes_go_to_the_bus_that_is_given_and_to_no_other(
    brought_along: Templates, version: WorkflowVersion
) -> None:
    template = brought_along(version)
    bus = json.dumps(template.machine["DefinitionSubstitutions"]["EventBusName"])
    assert bus.endswith(':event-bus/outcomes"]]}')
    assert {json.dumps(told) for told in template.told("EVENT_BUS")} == {bus}
    granted = {it for role in template.permissions().values() for it in role}
    assert {it.on for it in granted if it.action == "events:PutEvents"} == {bus}


@each_version
def test_functions_and_states_use_the_given_table(brought_along: Templates, version: WorkflowVersion) -> None:
    template = brought_along(version)
    assert set(template.told("RECORDS_TABLE")) == {"records"}
    for machine in (template.machine, template.reprocess):
        assert machine["DefinitionSubstitutions"]["RecordsTableName"] == "records"


@each_version
def test_the_on_reject_argument_reaches_the_definition(every_function: Templates, version: WorkflowVersion) -> None:
    substitutions = every_function(version).machine["DefinitionSubstitutions"]
    assert substitutions.get("OnReject", "QUARANTINE") == "QUARANTINE"


@each_version
def test_a_reprocess_starts_the_released_alias(brought_along: Templates, version: WorkflowVersion) -> None:
    template = brought_along(version)
    (rule,) = (it for name, it in template.resources("AWS::Events::Rule").items() if "Uploaded" in name)
    (target,) = rule["Targets"]
    assert template.reprocess["DefinitionSubstitutions"]["LiveArn"] == target["Arn"]
    assert referenced(target["Arn"]) <= template.resources("AWS::StepFunctions::StateMachineAlias").keys()


def days(template: WorkflowTemplate, bucket: str) -> set[int]:
    """After how many days what lies in a bucket is deleted."""
    (found,) = (it for name, it in template.resources("AWS::S3::Bucket").items() if name.startswith(bucket))
    rules = found["LifecycleConfiguration"]["Rules"]
    return {rule["ExpirationInDays"] for rule in rules if "ExpirationInDays" in rule}


@each_version
def test_copies_expire_and_uploads_and_renditions_never_do(every_function: Templates, version: WorkflowVersion) -> None:
    template = every_function(version)
    buckets = {name.removeprefix("Workflow")[:-8] for name in template.resources("AWS::S3::Bucket")}
    kept: dict[str, set[int]] = {"Uploads": set(), "Published": set(), "Analysis": {1}, "Quarantine": {30}}
    assert {bucket: days(template, f"Workflow{bucket}") for bucket in buckets & kept.keys()} == {
        bucket: kept[bucket] for bucket in buckets & kept.keys()
    }
    assert buckets >= {"Uploads", "Published"}


@each_version
def test_incomplete_uploads_expire_after_a_week(every_function: Templates, version: WorkflowVersion) -> None:
    for bucket in every_function(version).resources("AWS::S3::Bucket").values():
        (rule,) = (it for it in bucket["LifecycleConfiguration"]["Rules"] if "AbortIncompleteMultipartUpload" in it)
        assert rule["AbortIncompleteMultipartUpload"] == {"DaysAfterInitiation": 7}
        assert rule["Status"] == "Enabled"


@each_version
def test_every_log_group_keeps_its_lines_for_a_month(every_function: Templates, version: WorkflowVersion) -> None:
    groups = every_function(version).resources("AWS::Logs::LogGroup")
    assert {group["RetentionInDays"] for group in groups.values()} == {30}


@each_version
def test_versions_that_older_executions_and_a_roll_back_need_are_kept(
    every_function: Templates, version: WorkflowVersion
) -> None:
    made: dict[str, list[Any]] = {"AWS::Lambda::Version": [], "AWS::StepFunctions::StateMachineVersion": []}
    for resource in every_function(version).document["Resources"].values():
        if resource["Type"] in made:
            made[resource["Type"]].append((resource["DeletionPolicy"], resource["UpdateReplacePolicy"]))
    assert all(made.values())
    assert set(made["AWS::Lambda::Version"]) == {("RetainExceptOnCreate", "Retain")}
    assert set(made["AWS::StepFunctions::StateMachineVersion"]) == {("Retain", "Retain")}


@each_version
def test_an_event_that_was_not_delivered_is_kept_for_two_weeks(
    every_function: Templates, version: WorkflowVersion
) -> None:
    queues = every_function(version).resources("AWS::SQS::Queue").values()
    assert {queue["MessageRetentionPeriod"] for queue in queues} == {14 * 24 * 60 * 60}


@each_version
def test_functions_log_at_info_level(every_function: Templates, version: WorkflowVersion) -> None:
    assert set(every_function(version).told("POWERTOOLS_LOG_LEVEL")) == {"INFO"}


@each_version
def test_a_definition_is_deployed_with_every_placeholder_filled(
    every_function: Templates, version: WorkflowVersion
) -> None:
    machine = every_function(version).machine
    empty = {name for name, value in machine["DefinitionSubstitutions"].items() if value == ""}
    assert empty <= {"KeyPrefix"}
    assert json.loads(machine["DefinitionString"])["QueryLanguage"] == "JSONata"
