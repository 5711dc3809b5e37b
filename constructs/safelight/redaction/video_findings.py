"""The findings of cdk-nag's AwsSolutions pack that the redaction of videos has on purpose."""

from collections.abc import Iterable

from constructs import Construct

from safelight.core.function import Step
from safelight.core.nag import (
    acknowledge,
    acknowledge_dead_letters,
    acknowledge_executions,
    acknowledge_invocations,
    acknowledge_key_grants,
    acknowledge_objects,
    acknowledge_runtime,
)
from safelight.redaction.video_machine import MAP_LABELS, Machine
from safelight.redaction.video_steps import StepSettings
from safelight_contracts.redaction.reviews import REVIEWS
from safelight_contracts.redaction.videos import WORK


def acknowledge_findings(scope: Construct, *, steps: Iterable[Step], machine: Machine, settings: StepSettings) -> None:
    """Acknowledge each finding on the construct that has it, and nowhere else."""
    steps = list(steps)
    acknowledge(settings.work, "S1", "It keeps files of executions and reviews. CloudTrail can log who reads it.")
    acknowledge_dead_letters([machine.dead_letters])
    acknowledge_runtime(step.function for step in steps)
    for role in (*(step.role for step in steps), machine.state_machine):
        acknowledge(
            role,
            "IAM5[Resource::*]",
            "X-Ray traces, CloudWatch log delivery and network interfaces support only '*' as the resource.",
        )
        acknowledge_key_grants(role)
    for step in steps:
        acknowledge_objects(step.role, bucket=settings.source, prefix=settings.source_prefix)
        acknowledge_objects(step.role, bucket=settings.destination, prefix=settings.destination_prefix)
        for prefix in (WORK, REVIEWS):
            acknowledge_objects(step.role, bucket=settings.work, prefix=prefix)
    acknowledge_objects(machine.state_machine, bucket=settings.work, prefix=WORK)
    acknowledge_invocations(machine.state_machine, functions=[step.function for step in steps])
    acknowledge_executions(scope, state_machine=machine.state_machine)
    for label in MAP_LABELS:
        acknowledge_executions(scope, state_machine=machine.state_machine, map_label=label)
