"""The state machine that redacts videos, its release, and what starts it."""

from collections.abc import Mapping
from dataclasses import dataclass

from aws_cdk import RemovalPolicy, aws_events, aws_iam, aws_kms, aws_logs, aws_sqs, aws_stepfunctions
from constructs import Construct

from safelight.core.assets import STATE_MACHINES
from safelight.core.events import object_events, start_on_event
from safelight.core.function import Step
from safelight.core.permissions import executions_of, statement
from safelight.core.release import Release, make_live_alias, pin_function
from safelight.core.state_machine import accept_lint_finding, make_log_group, make_state_machine
from safelight.redaction.video_steps import StepSettings
from safelight_contracts.redaction.videos import VIDEO_SUFFIXES, WORK

SYSTEM = "video_redaction"
"""Folder of the definitions, and the system's name in descriptions."""

MAP_LABELS = ("Detect", "Cover")
"""Labels of the Distributed Maps."""


@dataclass(frozen=True, kw_only=True)
class Machine:
    """A state machine and what runs it. The attributes are those of ``VideoRedaction``."""

    log_group: aws_logs.LogGroup
    state_machine: aws_stepfunctions.StateMachine
    live: aws_stepfunctions.CfnStateMachineAlias
    rules: list[aws_events.Rule]
    dead_letters: aws_sqs.Queue


def make_machine(
    scope: Construct,
    *,
    steps: Mapping[str, Step],
    settings: StepSettings,
    workflow_id: str,
    event_bus: aws_events.IEventBus,
    max_concurrency: int,
    release: Release,
    log_level: aws_stepfunctions.LogLevel,
    encryption_key: aws_kms.IKey | None,
    removal_policy: RemovalPolicy,
) -> Machine:
    """Make the state machine, publish it, and start it for every video."""
    pinned = {id: pin_function(step.function, scope=scope) for id, step in steps.items()}
    log_group = make_log_group(scope, "StateMachineLogs", encryption_key=encryption_key, removal_policy=removal_policy)
    machine = make_state_machine(
        scope,
        "StateMachine",
        definition=(STATE_MACHINES / SYSTEM / "v1.asl.json").read_text(encoding="utf-8"),
        substitutions={
            "WorkBucketName": settings.work.bucket_name,
            "DestinationBucketName": settings.destination.bucket_name,
            "EventBusName": event_bus.event_bus_arn,
            "WorkflowId": workflow_id,
            "MaxConcurrency": str(max_concurrency),
            **{f"{id}FunctionArn": function.arn for id, function in pinned.items()},
        },
        log_group=log_group,
        encryption_key=encryption_key,
        log_level=log_level,
    )
    # Does not know that MaxConcurrency can be a JSONata expression.
    accept_lint_finding(machine, "E3601")
    for function in pinned.values():
        machine.add_to_role_policy(statement("lambda:InvokeFunction", on=function.permitted))
    machine.add_to_role_policy(statement("events:PutEvents", on=event_bus.event_bus_arn))
    # The lists of chunks.
    machine.add_to_role_policy(statement("s3:GetObject", on=settings.work.arn_for_objects(f"{WORK}*")))
    if settings.work.encryption_key:
        settings.work.encryption_key.grant_decrypt(machine)
    map_policy = _permit_maps(scope, machine)
    live = make_live_alias(scope, "Live", system=SYSTEM, state_machine=machine, release=release)
    # A video that comes before the policy would fail in its first Map.
    live.node.add_dependency(map_policy)
    rules, dead_letters = start_on_event(
        scope,
        "Uploaded",
        description="Starts the redaction of every video that is created in the source bucket",
        event_patterns=object_events(
            "Object Created",
            bucket=settings.source,
            key_prefix=settings.source_prefix,
            key_suffixes=VIDEO_SUFFIXES,
        ),
        role_description="Permissions of the rule that starts the redaction of videos",
        state_machine=machine,
        live=live,
        encryption_key=encryption_key,
        removal_policy=removal_policy,
    )
    return Machine(log_group=log_group, state_machine=machine, live=live, rules=rules, dead_letters=dead_letters)


def _permit_maps(scope: Construct, machine: aws_stepfunctions.StateMachine) -> aws_iam.Policy:
    children = [executions_of(machine, map_label=label) for label in MAP_LABELS]
    # Not in the role's own policy: the state machine depends on that policy, so it cannot name the state machine.
    return aws_iam.Policy(
        scope,
        "MapPolicy",
        roles=[machine.role],
        statements=[
            statement("states:StartExecution", on=machine.state_machine_arn),
            statement("states:DescribeExecution", "states:StopExecution", on=[executions_of(machine), *children]),
            # A redrive of a run redrives the failed child executions of its Map.
            statement("states:RedriveExecution", on=children),
        ],
    )
