"""Show Rekognition the analysis image of an upload, which is known to be within Rekognition's limits."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from botocore.exceptions import ClientError

from awskit import clients
from awskit.objects import read_whole, validate_exists
from awskit.storage import ServiceBusy, transient_storage_errors
from awskit.transient_errors import transient_errors_as
from awskit.uploads import Upload
from imagekit.rejection import unreadable
from imagekit.tiles import ONE_TILE, Tiles

if TYPE_CHECKING:
    from mypy_boto3_rekognition.type_defs import ImageTypeDef, S3ObjectTypeDef

REFUSALS = {"InvalidImageFormatException", "ImageTooLargeException"}
"""The error codes of Rekognition if the image itself is at fault."""

UNREACHABLE = "InvalidS3ObjectException"
"""The error code of Rekognition if it cannot read an object: the object is gone, or a permission is missing."""

Found = TypeVar("Found")


class InternalServerError(Exception):
    """Raised if Rekognition is temporarily unavailable. It has Rekognition's own error name, which workflows retry."""


@dataclass(frozen=True, kw_only=True)
class AnalysisImage:
    """The image that all checks of an upload examine.

    `version_id`: None if the bucket has no versions.
    `tiles`: how the image is divided. One tile if it is one picture.
    """

    bucket: str
    key: str
    version_id: str | None = None
    tiles: Tiles = ONE_TILE

    def is_itself(self, upload: Upload) -> bool:
        """Return whether the image is the upload itself, and not an image that was made of it."""
        return (self.bucket, self.key) == (upload.bucket, upload.key)

    def as_json(self) -> dict[str, object]:
        """Return the image in the format of the prepare step's answer, without the version or tiles that it lacks."""
        version = {} if self.version_id is None else {"versionId": self.version_id}
        tiles = {} if self.tiles == ONE_TILE else {"tiles": vars(self.tiles)}
        return {"bucket": self.bucket, "key": self.key, **version, **tiles}


def analysis_of(event: Mapping[str, Any]) -> AnalysisImage:
    """Read the analysis image that a check's event names.

    `event`: `{"analysis": {"bucket", "key", "versionId", "tiles": {"columns", "rows"}}}`. Without `versionId`, the
    bucket has no versions. Without `tiles`, the image is one picture.
    """
    analysis = event["analysis"]
    return AnalysisImage(
        bucket=analysis["bucket"],
        key=analysis["key"],
        version_id=analysis.get("versionId"),
        tiles=Tiles(**analysis["tiles"]) if "tiles" in analysis else ONE_TILE,
    )


def detect_in_analysis_image(
    analysis: AnalysisImage, *, upload: Upload, ask: Callable[["ImageTypeDef"], Found]
) -> Found:
    """Ask Rekognition about an analysis image.

    `upload`: the upload that the image was made of, or that it is.

    Raises ImageRejected: `UNREADABLE_IMAGE` if Rekognition refuses the image. Raises RejectedImage: `WITHDRAWN`,
    `SUPERSEDED` or `ARCHIVED` if the image is the upload itself, and can no longer be read. Raises InternalServerError
    if Rekognition is temporarily unavailable, or its answer is interrupted. Raises botocore.exceptions.ClientError: Any
    other error of Rekognition: throttling, a missing permission, another region.
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
            validate_exists(upload)
        raise


@transient_storage_errors()
def read_analysis_image(analysis: AnalysisImage, *, upload: Upload) -> bytes:
    """Read a whole analysis image.

    `upload`: the upload that the image was made of, or that it is.

    Raises RejectedImage: `WITHDRAWN`, `SUPERSEDED` or `ARCHIVED` if the image is the upload itself, and can no longer
    be read. Raises ServiceBusy if S3 is temporarily unavailable, or returns more or fewer bytes than it announces.
    """
    if analysis.is_itself(upload):
        return read_whole(upload)
    answer = clients.s3().get_object(Bucket=analysis.bucket, Key=analysis.key)
    body = answer["Body"].read()
    if len(body) != answer["ContentLength"]:
        raise ServiceBusy(f"S3 returned {len(body)} bytes of the analysis image instead of {answer['ContentLength']}")
    return body


def s3_object(*, bucket: str, key: str, version_id: str | None) -> "S3ObjectTypeDef":
    """Return an object's reference in Rekognition's format.

    `version_id`: None if the bucket has no versions.
    """
    reference: S3ObjectTypeDef = {"Bucket": bucket, "Name": key}
    if version_id is not None:
        reference["Version"] = version_id
    return reference
