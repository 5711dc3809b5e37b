"""What the functions of a delivery are told must fit into the environment of a function."""

import json
import re
from dataclasses import replace
from typing import TypeVar

from aws_cdk import Token

from safelight.core.function import step_environment
from safelight.core.step_definition import StepDefinition
from safelight.delivery.settings import StepSettings
from safelight.delivery.website_settings import WebsiteSettings
from safelight_contracts.delivery.settings import DeliverySettings

_Settings = TypeVar("_Settings", StepSettings, WebsiteSettings)

# "Lambda quotas". Lambda measures the variables as JSON: a quotation mark in a value counts twice.
_MAX_BYTES = 4_096
# The most characters of what CloudFormation names: limits of S3, Secrets Manager, DynamoDB and SQS.
_BUCKET_NAME = 63
_SECRET_ARN = 150
_TABLE_NAME = 255
_QUEUE_URL = 140
_OTHER_REFERENCE = 128
_REFERENCE = re.compile(r"\$\{Token\[[^]]+\]\}")


def validate_environment_size(definition: StepDefinition[_Settings], *, settings: _Settings) -> None:
    """Validate that the settings fit the environment of a function, whatever names CloudFormation gives.

    Raises
    ------
    ValueError
        If they do not.
    """
    longest = replace(settings, delivery=longest_settings(settings.delivery))
    environment = json.dumps(step_environment(definition, longest), separators=(",", ":"))
    size = len(with_longest_references(environment))
    if size > _MAX_BYTES:
        raise ValueError(
            f"presets, sizes and sources take up to {size} bytes of a function's environment, which has {_MAX_BYTES}. "
            "Use fewer presets, sizes or sources, or omit arguments of presets that equal the default."
        )


def longest_settings(settings: DeliverySettings) -> DeliverySettings:
    """Return settings with the longest text that each name of CloudFormation's can become."""
    records = settings.records
    names = {it.bucket: _known_or(_BUCKET_NAME, it.bucket) for it in settings.sources}
    if records is not None:
        names[records.table] = _known_or(_TABLE_NAME, records.table)
    generation = settings.generation
    for name, longest in names.items():
        generation = generation.replace(name, longest)
    return replace(
        settings,
        sources=tuple(replace(it, bucket=names[it.bucket]) for it in settings.sources),
        results_bucket=_known_or(_BUCKET_NAME, settings.results_bucket),
        keys_secret=settings.keys_secret and _known_or(_SECRET_ARN, settings.keys_secret),
        records=records and replace(records, table=names[records.table]),
        generation=generation,
        forget_queue="x" * _QUEUE_URL if settings.has_edge else None,
    )


def with_longest_references(text: str) -> str:
    """Return a text in which every other reference is as long as it can become."""
    return _REFERENCE.sub("x" * _OTHER_REFERENCE, text)


def _known_or(most: int, text: str) -> str:
    return "x" * most if Token.is_unresolved(text) else text
