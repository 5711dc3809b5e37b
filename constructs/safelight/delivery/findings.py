"""The findings of cdk-nag's AwsSolutions pack that a delivery has on purpose."""

from aws_cdk import aws_cloudfront, aws_sqs

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
    acknowledge_dead_letters([dead_letters])
    acknowledge_runtime([make.function, forget.function])
    for step in (make, forget):
        acknowledge(
            step.role,
            "IAM5[Resource::*]",
            "X-Ray traces, network interfaces and Rekognition's detections support only '*' as the resource.",
        )
        acknowledge_key_grants(step.role)
        acknowledge_objects(step.role, bucket=settings.results, prefix="")
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
