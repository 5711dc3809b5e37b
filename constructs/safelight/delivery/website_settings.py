"""The settings of a website's functions, and the resources that they use."""

from dataclasses import dataclass

from aws_cdk import aws_s3

from safelight_contracts.delivery.settings import DeliverySettings
from safelight_contracts.limits import Limits


@dataclass(frozen=True, kw_only=True)
class WebsiteSettings:
    """The settings of the functions, and the resources that they use.

    Parameters
    ----------
    results
        The bucket of the website.
    """

    delivery: DeliverySettings
    limits: Limits
    source: aws_s3.IBucket
    key_prefix: str
    results: aws_s3.Bucket
