"""A function that handles each upload of a bucket, with its queue and its alarms."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

from aws_cdk import aws_cloudwatch, aws_s3, aws_sns, aws_sqs
from constructs import Construct

from safelight.core.function import FunctionOptions, Step, make_steps
from safelight.core.layers import LayerSource
from safelight.core.step_definition import StepDefinition
from safelight.redaction.alarms import make_redaction_alarms
from safelight.redaction.settings import SYSTEM
from safelight.redaction.uploads import watch_uploads

Settings = TypeVar("Settings")


@dataclass(frozen=True, kw_only=True)
class UploadFunction:
    """The function, the queue of events that wait, that of those that failed in every attempt, and the alarms."""

    step: Step
    queue: aws_sqs.Queue
    dead_letters: aws_sqs.Queue
    alarms: list[aws_cloudwatch.Alarm]


def make_upload_function(
    scope: Construct,
    *,
    definition: StepDefinition[Settings],
    settings: Settings,
    layer_sources: Mapping[str, LayerSource],
    options: FunctionOptions,
    uploads: tuple[aws_s3.IBucket, str],
    max_concurrency: int,
    alarm_topic: aws_sns.ITopic | None,
    otherwise: str,
) -> UploadFunction:
    """Make a function, and invoke it for every upload that is created, replaced or deleted.

    Parameters
    ----------
    layer_sources
        Code of the layers that no file under ``lambdas/layers/`` pins, by name.
    uploads
        The bucket, and the prefix of the keys.
    alarm_topic
        ``None`` makes no alarms.
    otherwise
        What can be done if uploads come faster than they are handled.
    """
    adapted = definition.adapt(definition, settings)
    steps = make_steps(
        scope,
        system=SYSTEM,
        definitions={adapted.id: adapted},
        layer_sources=layer_sources,
        settings=settings,
        options=options,
    )
    step, (source, prefix) = steps[adapted.id], uploads
    queue, dead_letters = watch_uploads(
        scope,
        function=step.function,
        source=source,
        source_prefix=prefix,
        max_concurrency=max_concurrency,
        encryption_key=options.encryption_key,
        removal_policy=options.removal_policy,
    )
    alarms = make_redaction_alarms(
        scope, topic=alarm_topic, step=step, otherwise=otherwise, queue=queue, dead_letters=dead_letters
    )
    return UploadFunction(step=step, queue=queue, dead_letters=dead_letters, alarms=alarms)
