"""The state machine of a workflow, its release, and what starts and cleans up executions."""

from collections.abc import Mapping
from dataclasses import dataclass

from aws_cdk import RemovalPolicy, aws_events, aws_kms, aws_logs, aws_sqs, aws_stepfunctions
from constructs import Construct

from safelight.core.events import object_events, start_on_event
from safelight.core.function import Step
from safelight.core.release import Release, make_live_alias
from safelight.core.state_machine import make_log_group, make_state_machine, permit_tasks
from safelight.image_workflow.background import run_in_background
from safelight.image_workflow.definitions import Definition
from safelight.image_workflow.settings import StepSettings
from safelight.image_workflow.substitutions import Substitutions
from safelight.image_workflow.versions import SYSTEM

_ID_PREFIXES = {
    aws_stepfunctions.StateMachineType.STANDARD: "",
    aws_stepfunctions.StateMachineType.EXPRESS: "Express",
}


@dataclass(frozen=True, kw_only=True)
class Machine:
    """A state machine and what runs it. The attributes are those of ``ImageWorkflow``."""

    log_group: aws_logs.LogGroup
    state_machine: aws_stepfunctions.StateMachine
    live: aws_stepfunctions.CfnStateMachineAlias
    rules: list[aws_events.Rule]
    dead_letters: aws_sqs.Queue
    background_dead_letters: list[aws_sqs.Queue]


def make_machine(
    scope: Construct,
    *,
    definition: Definition,
    substitutions: Substitutions,
    steps: Mapping[str, Step],
    settings: StepSettings,
    type: aws_stepfunctions.StateMachineType,  # noqa: A002
    release: Release,
    log_level: aws_stepfunctions.LogLevel,
    encryption_key: aws_kms.IKey | None,
    removal_policy: RemovalPolicy,
) -> Machine:
    """Make the state machine, publish it, and start it for every upload.

    Another ``type`` makes another state machine with another alias. An alias cannot move between state machines, so
    CloudFormation must not replace a state machine in place.
    """
    prefix = _ID_PREFIXES[type]
    log_group = make_log_group(scope, "StateMachineLogs", encryption_key=encryption_key, removal_policy=removal_policy)
    state_machine = make_state_machine(
        scope,
        f"{prefix}StateMachine",
        definition=definition.text,
        substitutions=substitutions.values,
        log_group=log_group,
        encryption_key=encryption_key,
        log_level=log_level,
        machine_type=type,
    )
    permit_tasks(
        state_machine,
        definition=definition.text,
        functions=substitutions.functions,
        table=settings.records,
        event_bus=settings.event_bus,
    )
    live = make_live_alias(scope, f"{prefix}Live", system=SYSTEM, state_machine=state_machine, release=release)
    rules, dead_letters = start_on_event(
        scope,
        "Uploaded",
        description="Starts the image workflow for every object created in the upload bucket",
        event_patterns=object_events(
            "Object Created",
            bucket=settings.upload_bucket,
            key_prefix=settings.key_prefix,
            key_suffixes=settings.key_suffixes,
        ),
        role_description="Permissions of the rule that starts the image workflow",
        state_machine=state_machine,
        live=live,
        encryption_key=encryption_key,
        removal_policy=removal_policy,
    )
    return Machine(
        log_group=log_group,
        state_machine=state_machine,
        live=live,
        rules=rules,
        dead_letters=dead_letters,
        background_dead_letters=run_in_background(
            scope,
            steps=steps,
            state_machine=state_machine,
            settings=settings,
            encryption_key=encryption_key,
            removal_policy=removal_policy,
        ),
    )
