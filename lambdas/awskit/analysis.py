"""Showing Rekognition the analysis image of an upload, which is known to be within Rekognition's limits."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, TypeVar

from botocore.exceptions import ClientError

from awskit.busy import raising_when_busy
from imagekit.rejection import unreadable

if TYPE_CHECKING:
    from mypy_boto3_rekognition.type_defs import ImageTypeDef, S3ObjectTypeDef

REFUSALS = {"InvalidImageFormatException", "ImageTooLargeException"}
"""What Rekognition answers where the image itself is at fault."""

Found = TypeVar("Found")


class InternalServerError(Exception):
    """Raised when Rekognition cannot answer just now, by its own name for it, which workflows retry."""


def show_analysis_image(analysis: Mapping[str, str], *, ask: Callable[["ImageTypeDef"], Found]) -> Found:
    """Ask Rekognition about an analysis image.

    Parameters
    ----------
    analysis
        `{"bucket", "key", "versionId"}`, as the develop step answered; an object without versions has no
        `versionId`.
    ask
        Calls Rekognition with the image that it is given.

    Raises
    ------
    ImageRejected
        `UNREADABLE_IMAGE` when Rekognition refuses the image.
    InternalServerError
        When Rekognition cannot answer just now, or its answer breaks off.
    botocore.exceptions.ClientError
        Whatever else Rekognition answers: throttling, a missing permission, another region.
    """
    image = s3_object(bucket=analysis["bucket"], key=analysis["key"], version_id=analysis.get("versionId"))
    try:
        with raising_when_busy(InternalServerError):
            return ask({"S3Object": image})
    except ClientError as error:
        if error.response["Error"]["Code"] in REFUSALS:
            raise unreadable("refused by Rekognition") from error
        raise


def s3_object(*, bucket: str, key: str, version_id: str | None) -> "S3ObjectTypeDef":
    """Name an object as Rekognition takes it.

    Parameters
    ----------
    bucket, key
        Where it is.
    version_id
        None where the bucket has no versions.
    """
    reference: S3ObjectTypeDef = {"Bucket": bucket, "Name": key}
    if version_id is not None:
        reference["Version"] = version_id
    return reference
