"""The settings of a delivery's functions, and the resources that they use."""

from dataclasses import dataclass

from aws_cdk import aws_s3, aws_secretsmanager, aws_sqs

from safelight.delivery.published import Published
from safelight_contracts.delivery.settings import DeliverySettings
from safelight_contracts.limits import Limits

SYSTEM = "delivery"
"""Folder under ``lambdas/``."""


@dataclass(frozen=True, kw_only=True)
class StepSettings:
    """The settings of the functions, and the resources that they use.

    Parameters
    ----------
    published
        What the workflow has published, if URLs name uploads of one.
    keys
        The signing keys. ``None`` if signing is off.
    forget_queue
        Queue of the function that forgets, which a stale result is reported to. ``None`` without CloudFront.
    finds_faces, finds_unsafe
        Whether a request that is permitted can need Rekognition to detect faces, or content to moderate.
    """

    delivery: DeliverySettings
    limits: Limits
    sources: tuple[aws_s3.IBucket, ...]
    key_prefix: str
    published: Published | None
    results: aws_s3.Bucket
    keys: aws_secretsmanager.Secret | None
    forget_queue: aws_sqs.Queue | None
    finds_faces: bool
    finds_unsafe: bool

    @property
    def objects(self) -> list[tuple[aws_s3.IBucket, str]]:
        """Each source, and the prefix of the objects that are read there."""
        first, *others = self.sources
        prefix = f"{self.published.prefix if self.published else ''}{self.key_prefix}"
        return [(first, prefix), *((bucket, self.key_prefix) for bucket in others)]
