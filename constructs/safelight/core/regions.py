"""Services that a region does not have."""

from collections.abc import Iterable

from aws_cdk import Annotations, Stack, Token
from constructs import Construct

from safelight_contracts.rekognition import REGIONS


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
