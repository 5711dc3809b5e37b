"""Regions in which a system cannot run, or lacks a service."""

from collections.abc import Iterable

from aws_cdk import Annotations, Stack, Token
from constructs import Construct

from safelight_contracts.rekognition import REGIONS

# China, GovCloud, the isolated regions and the European Sovereign Cloud ("Regions and Zones" of the AWS documentation).
_OTHER_PARTITIONS = ("cn-", "us-gov-", "us-iso", "eu-iso", "eusc-")

# "Creating and managing Lambda function URLs" in Lambda's developer guide.
_WITHOUT_FUNCTION_URLS = frozenset(
    {
        "ap-east-2",
        "ap-south-2",
        "ap-southeast-4",
        "ap-southeast-5",
        "ap-southeast-6",
        "ap-southeast-7",
        "ca-west-1",
        "eu-central-2",
        "eu-south-2",
        "il-central-1",
        "me-central-1",
    }
)


def validate_partition(scope: Construct) -> None:
    """Validate that the region is in the partition ``aws``, as far as it is known at synth.

    Raises
    ------
    ValueError
        If it is in another partition.
    """
    region = Stack.of(scope).region
    if region.startswith(_OTHER_PARTITIONS):
        raise ValueError(
            f"{scope.node.path}: the region {region} is not in the partition 'aws'. The definitions name resources as "
            "arn:aws:..., which do not exist there. Deploy to a region of the partition 'aws', such as eu-west-1."
        )


def validate_function_urls(scope: Construct) -> None:
    """Validate that functions can have URLs in the region, as far as it is known at synth.

    Raises
    ------
    ValueError
        If they cannot.
    """
    region = Stack.of(scope).region
    if region in _WITHOUT_FUNCTION_URLS:
        raise ValueError(
            f"{scope.node.path}: {region} has no function URLs of Lambda. Deploy it and its buckets to another region, "
            "such as eu-west-1: CloudFront delivers from there to everywhere."
        )


def warn_without_rekognition(scope: Construct, *, calls: Iterable[str]) -> None:
    """Warn if functions call Rekognition in a region that does not have it, as far as the region is known at synth.

    Parameters
    ----------
    calls
        The AWS calls of the functions, as ``service:Operation``.
    """
    region = Stack.of(scope).region
    operations = sorted(call for call in calls if call.startswith("rekognition:"))
    if not operations or Token.is_unresolved(region) or region in REGIONS:
        return
    Annotations.of(scope).add_warning_v2(
        "safelight:region-without-rekognition",
        f"{region} has no Rekognition, as far as this version of Safelight knows. {', '.join(operations)} would fail. "
        f"Deploy to one of {', '.join(sorted(REGIONS))}. Or leave "
        "these calls out: Detector.OPENCV finds people without Rekognition.",
    )
