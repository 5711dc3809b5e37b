"""The region of a state machine's calls to S3, Route 53 and CloudFront.

ministack sends them to the region that the emulator was started with. S3 answers a call for a bucket of another region
with a redirect, which the state gets as an empty result.
"""

from typing import Any


def apply() -> None:
    """Send calls to the region of the execution."""
    from ministack.services import stepfunctions

    service: Any = stepfunctions
    service.REGION = _RegionOfExecution(service.REGION)


class _RegionOfExecution(str):
    """A region that is formatted as that of the execution whose thread formats it."""

    __slots__ = ()

    def __format__(self, spec: str) -> str:
        from ministack.core.responses import get_region

        return format(get_region(), spec)
