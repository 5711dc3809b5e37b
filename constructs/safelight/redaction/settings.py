"""The settings of a redaction service's function, and the resources that it uses."""

from dataclasses import dataclass

from aws_cdk import aws_events, aws_s3

from safelight_contracts.development import Development
from safelight_contracts.limits import Limits
from safelight_contracts.redaction.reviews import REVIEWS
from safelight_contracts.redaction.service import ServiceSettings

SYSTEM = "redaction"
"""Folder under ``lambdas/``."""


@dataclass(frozen=True, kw_only=True)
class StepSettings:
    """The settings of the function, and the resources that it uses."""

    service: ServiceSettings
    limits: Limits
    development: Development | None
    source: aws_s3.IBucket
    destination: aws_s3.IBucket
    reviews: aws_s3.IBucket
    event_bus: aws_events.IEventBus

    @property
    def uploads(self) -> tuple[aws_s3.IBucket, str]:
        """The bucket of uploads, and the prefix of their keys."""
        return self.source, self.service.source_prefix

    @property
    def copies(self) -> tuple[aws_s3.IBucket, str]:
        """The bucket of redacted copies, and the prefix of their keys."""
        return self.destination, self.service.destination_key(self.service.source_prefix)

    @property
    def boxes(self) -> tuple[aws_s3.IBucket, str]:
        """The bucket of the copies' boxes, and the prefix of their keys."""
        return self.reviews, REVIEWS
