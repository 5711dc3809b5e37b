"""Ask Rekognition about an upload: by reference if possible, otherwise with an analysis image of limited size."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic

from botocore.exceptions import ClientError

from awskit.logs import logger
from awskit.rekognition.analysis import REFUSALS, UNREACHABLE, Found, InternalServerError, s3_object
from awskit.storage.objects import inspect_upload, read_upload, validate_exists
from awskit.transient_errors import transient_errors_as
from awskit.uploads import Upload
from imagekit.decoding.limits import inspect
from imagekit.formats.header import Header
from imagekit.geometry import Size
from imagekit.rejection import unreadable
from imagekit.rendering.contact_sheet import needs_contact_sheet
from imagekit.sandbox.images import prepare_in_sandbox, worker
from imagekit.tiles import ONE_TILE, Tiles
from safelight_contracts.image_types import ImageType
from safelight_contracts.keys import NULL_VERSION
from safelight_contracts.limits import Limits
from safelight_contracts.presentation import Presentation
from safelight_contracts.rekognition import MAX_OBJECT_BYTES, MAX_SIDE, MIN_SIDE

if TYPE_CHECKING:
    from mypy_boto3_rekognition.type_defs import ImageTypeDef


@dataclass(frozen=True, kw_only=True)
class Detections(Generic[Found]):
    """What Rekognition found in an upload.

    Attributes
    ----------
    found
        The result of asking Rekognition.
    tiles
        How the image that Rekognition examined is divided.
    show_upload
        Whether each place in the image that Rekognition examined is the same place in the upload.
    """

    found: Found
    tiles: Tiles = ONE_TILE
    show_upload: bool = True


def detect_in_upload(
    upload: Upload, *, limits: Limits, presentation: Presentation, ask: Callable[["ImageTypeDef"], Found]
) -> Detections[Found]:
    """Ask Rekognition about an upload.

    If Rekognition refuses the upload by reference, ask again with an analysis image, which the worker makes.

    Parameters
    ----------
    upload
        The upload.
    limits
        The maximum size of the upload.
    presentation
        How readers see the renditions.
    ask
        Calls Rekognition with an image.

    Raises
    ------
    ImageRejected
        `UNREADABLE_IMAGE`, also if Rekognition refuses the analysis image. `UNSUPPORTED_TYPE`. `IMAGE_TOO_LARGE`, also
        if the image is longer than 16:1.
    RejectedImage
        `KEY_TOO_LONG`, `OWN_RENDITION`, `SUPERSEDED`, `WITHDRAWN`, `ARCHIVED`.
    InternalServerError
        If Rekognition is temporarily unavailable.
    botocore.exceptions.ClientError
        Any other error of Rekognition or S3: throttling, a missing permission, another region.
    """
    header = inspect_upload(upload, limits=limits)
    if can_be_referenced(upload, header=header):
        try:
            reference = s3_object(bucket=upload.bucket, key=upload.key, version_id=upload.version_id)
            with transient_errors_as(InternalServerError):
                return Detections(found=ask({"S3Object": reference}))
        except ClientError as error:
            code = error.response["Error"]["Code"]
            if code == UNREACHABLE:
                validate_exists(upload)
            if code not in REFUSALS:
                raise
            logger().info("Refused by reference", error=code)
    worker.start()
    data = read_upload(upload, limits=limits)
    header = inspect(data, limits=limits)
    prepared = prepare_in_sandbox(data, header=header, limits=limits, presentation=presentation)
    try:
        with transient_errors_as(InternalServerError):
            return Detections(
                found=ask({"Bytes": prepared.data}),
                tiles=prepared.tiles,
                show_upload=prepared.tiles == ONE_TILE and not _is_long(header),
            )
    except ClientError as error:
        if error.response["Error"]["Code"] in REFUSALS:
            raise unreadable("refused by Rekognition") from error
        raise


def can_be_referenced(upload: Upload, *, header: Header) -> bool:
    """Return whether Rekognition can read an upload as an S3 object, and then sees exactly what is published of it.

    Parameters
    ----------
    upload
        The upload.
    header
        The upload's header.
    """
    # A reference without a version names the object at the time when Rekognition reads it. It may not be the upload.
    versioned = upload.version_id not in (None, NULL_VERSION)
    # Rekognition reads PNG too. But it does not say on which colour it flattens a transparent PNG, and it does not
    # rotate a PNG upright. A JPEG has no transparency, and Rekognition rotates it by its EXIF data.
    readable = header.type is ImageType.JPEG
    # Rekognition does not say how it treats a colour profile, or EXIF's colour space. Readers see the colours that
    # renditions are converted to. Checks must see the same colours.
    sides = header.width, header.height
    # Rekognition scales images down. It would see less of a long image than a contact sheet shows.
    legible = not _is_long(header)
    within_limits = upload.size <= MAX_OBJECT_BYTES and min(sides) >= MIN_SIDE and max(sides) <= MAX_SIDE
    return versioned and readable and header.is_srgb and legible and within_limits


def _is_long(header: Header) -> bool:
    return needs_contact_sheet(Size(width=header.width, height=header.height))
