"""The findings of cdk-nag's AwsSolutions pack that a delivery has on purpose."""

from collections.abc import Sequence

from aws_cdk import aws_apigatewayv2, aws_cloudfront, aws_sqs

from safelight.core.function import Step
from safelight.core.nag import (
    acknowledge,
    acknowledge_dead_letters,
    acknowledge_key_grants,
    acknowledge_objects,
    acknowledge_runtime,
)
from safelight.delivery.distribution import DistributionOptions
from safelight.delivery.settings import StepSettings
from safelight.delivery.website_settings import WebsiteSettings
from safelight_contracts.delivery.result_keys import FORGOTTEN_PREFIXES


def acknowledge_findings(
    *,
    settings: StepSettings,
    make: Step,
    forget: Step,
    dead_letters: aws_sqs.Queue,
    distribution: aws_cloudfront.Distribution | None,
    options: DistributionOptions,
) -> None:
    """Acknowledge each finding on the construct that has it, and nowhere else."""
    acknowledge(
        settings.results,
        "S1",
        "It holds copies that only CloudFront and the functions read. CloudTrail data events record that without "
        "another bucket.",
    )
    _acknowledge_functions([make, forget], dead_letters=dead_letters)
    acknowledge_objects(make.role, bucket=settings.results, prefix="")
    for prefix in FORGOTTEN_PREFIXES:
        acknowledge_objects(forget.role, bucket=settings.results, prefix=prefix)
    for bucket, prefix in settings.objects:
        acknowledge_objects(make.role, bucket=bucket, prefix=prefix)
    if settings.keys:
        acknowledge(
            settings.keys,
            "SMG4",
            "Who signs URLs must know a new key before the old one is dropped, so the owner rotates: safelight keys.",
        )
    if distribution:
        _acknowledge_distribution(distribution, options=options)


def acknowledge_website_findings(
    *,
    settings: WebsiteSettings,
    resize: Step,
    forget: Step,
    dead_letters: aws_sqs.Queue,
    api: aws_apigatewayv2.HttpApi,
) -> None:
    """Acknowledge each finding of a website on the construct that has it, and nowhere else."""
    for rule, reason in {
        "S1": "It holds copies that everybody may read. CloudTrail data events record that without another bucket.",
        "S2": "A website of S3 is public. public_read=True says so, and the policy names the permitted sizes only.",
        "S5": "This is the form without CloudFront. ImageDelivery is the one with it.",
        "S10": "A website of S3 has no TLS. All but reading an image needs TLS.",
    }.items():
        acknowledge(settings.results, rule, reason)
    acknowledge(api, "APIG1", "The function logs each request that it refuses, and the metrics count the others.")
    acknowledge(api, "APIG4", "Everybody may ask for the permitted sizes, and the function refuses all else.")
    _acknowledge_functions([resize, forget], dead_letters=dead_letters)
    for step in (resize, forget):
        acknowledge_objects(step.role, bucket=settings.results, prefix="")
    acknowledge_objects(resize.role, bucket=settings.source, prefix=settings.key_prefix)


def _acknowledge_functions(steps: Sequence[Step], *, dead_letters: aws_sqs.Queue) -> None:
    acknowledge_dead_letters([dead_letters])
    acknowledge_runtime([step.function for step in steps])
    for step in steps:
        acknowledge(
            step.role,
            "IAM5[Resource::*]",
            "X-Ray traces, network interfaces and Rekognition's detections support only '*' as the resource.",
        )
        acknowledge_key_grants(step.role)


def _acknowledge_distribution(distribution: aws_cloudfront.Distribution, *, options: DistributionOptions) -> None:
    acknowledge(distribution, "CFR1", "Images are for every country, unless web_acl_id says otherwise.")
    if options.web_acl_id is None:
        acknowledge(distribution, "CFR2", "A firewall costs a fee for each request. Pass one as web_acl_id=.")
    if options.access_logs_bucket is None:
        acknowledge(distribution, "CFR3", "Logs need a bucket that the owner chooses. Pass it as access_logs_bucket=.")
    if not options.domain_names:
        acknowledge(
            distribution,
            "CFR4",
            "CloudFront's own domain has CloudFront's own certificate and policy. Pass domain_names= and certificate= "
            "for TLS 1.2 and newer only.",
        )
