"""Showing Rekognition the analysis image of an upload, which is known to be within Rekognition's limits."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from botocore.exceptions import ClientError

from awskit import clients
from awskit.objects import check_there, read_whole
from awskit.storage import StorageBusy, transient_storage_errors
from awskit.transient_errors import transient_errors_as
from awskit.uploads import Upload
from imagekit.rejection import unreadable
from imagekit.tiles import ONE_TILE, Tiles

if TYPE_CHECKING:
    from mypy_boto3_rekognition.type_defs import ImageTypeDef, S3ObjectTypeDef

REFUSALS = {"InvalidImageFormatException", "ImageTooLargeException"}
"""What Rekognition answers where the image itself is at fault."""

UNREACHABLE = "InvalidS3ObjectException"
"""What Rekognition answers where it cannot read an object: because it is gone, or because of a permission."""

Found = TypeVar("Found")


class InternalServerError(Exception):
    """Raised when Rekognition cannot answer just now, by its own name for it, which workflows retry."""


@dataclass(frozen=True, kw_only=True)
class AnalysisImage:
    """The image that all checks of an upload look at.

    Attributes
    ----------
    bucket, key
        Where it is.
    version_id
        None where the bucket has no versions.
    tiles
        How it is divided; one tile where it is one picture.
    """

    bucket: str
    key: str
    version_id: str | None = None
    tiles: Tiles = ONE_TILE

    def is_itself(self, upload: Upload) -> bool:
        """Tell whether it is the upload, and no image that was made of it."""
        return (self.bucket, self.key) == (upload.bucket, upload.key)

    def as_json(self) -> dict[str, object]:
        """Give it as the prepare step answers it: what it is without is left out."""
        version = {} if self.version_id is None else {"versionId": self.version_id}
        tiles = {} if self.tiles == ONE_TILE else {"tiles": vars(self.tiles)}
        return {"bucket": self.bucket, "key": self.key, **version, **tiles}


def analysis_of(event: Mapping[str, Any]) -> AnalysisImage:
    """Read the analysis image that an event to a check names.

    Parameters
    ----------
    event
        `{"analysis": {"bucket", "key", "versionId", "tiles": {"columns", "rows"}}}`; without a `versionId` the bucket
        has no versions, without `tiles` the image is one picture.
    """
    analysis = event["analysis"]
    return AnalysisImage(
        bucket=analysis["bucket"],
        key=analysis["key"],
        version_id=analysis.get("versionId"),
        tiles=Tiles(**analysis["tiles"]) if "tiles" in analysis else ONE_TILE,
    )


def show_analysis_image(analysis: AnalysisImage, *, upload: Upload, ask: Callable[["ImageTypeDef"], Found]) -> Found:
    """Ask Rekognition about an analysis image.

    Parameters
    ----------
    analysis
        The image.
    upload
        The upload that it is made of, or is.
    ask
        Calls Rekognition with the image that it is given.

    Raises
    ------
    ImageRejected
        `UNREADABLE_IMAGE` when Rekognition refuses the image.
    RejectedImage
        `WITHDRAWN`, `SUPERSEDED` or `ARCHIVED` when the image is the upload itself, which cannot be read any more.
    InternalServerError
        When Rekognition cannot answer just now, or its answer breaks off.
    botocore.exceptions.ClientError
        Whatever else Rekognition answers: throttling, a missing permission, another region.
    """
    image = s3_object(bucket=analysis.bucket, key=analysis.key, version_id=analysis.version_id)
    try:
        with transient_errors_as(InternalServerError):
            return ask({"S3Object": image})
    except ClientError as error:
        code = error.response["Error"]["Code"]
        if code in REFUSALS:
            raise unreadable("refused by Rekognition") from error
        if code == UNREACHABLE and analysis.is_itself(upload):
            check_there(upload)
        raise


@transient_storage_errors()
def read_analysis_image(analysis: AnalysisImage, *, upload: Upload) -> bytes:
    """Read an analysis image whole.

    Parameters
    ----------
    analysis
        The image.
    upload
        The upload that it is made of, or is.

    Raises
    ------
    RejectedImage
        `WITHDRAWN`, `SUPERSEDED` or `ARCHIVED` when the image is the upload itself, which cannot be read any more.
    StorageBusy
        When S3 cannot answer just now, or gives more or fewer bytes than it says.
    """
    if analysis.is_itself(upload):
        return read_whole(upload)
    answer = clients.s3().get_object(Bucket=analysis.bucket, Key=analysis.key)
    body = answer["Body"].read()
    if len(body) != answer["ContentLength"]:
        raise StorageBusy(f"S3 gave {len(body)} bytes of the analysis image instead of {answer['ContentLength']}")
    return body


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
