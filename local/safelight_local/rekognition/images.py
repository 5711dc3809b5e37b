"""Reads the image of a request, within Rekognition's limits, and decodes it upright.

The limits: https://docs.aws.amazon.com/rekognition/latest/dg/limits.html
"""

from __future__ import annotations

import io
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError
from PIL import Image, ImageOps, UnidentifiedImageError

from safelight_contracts.rekognition import MAX_OBJECT_BYTES, MIN_SIDE
from safelight_local.rekognition.errors import ServiceError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_FORMATS = ("JPEG", "PNG")

_log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class SourceImage:
    """The image that a request is about.

    Attributes
    ----------
    data : bytes
        The file, encoded as it came.
    key : str | None
        The key of the S3 object; None when the request brought the bytes.
    """

    data: bytes
    key: str | None


def read_image(image: Mapping[str, Any], *, s3: S3Client) -> SourceImage:
    """Get the bytes of an image out of a request, or out of S3.

    Parameters
    ----------
    image
        The request's ``Image``: either ``Bytes`` or ``S3Object``.
    s3
        The client that reads the object.

    Raises
    ------
    ServiceError
        When the request names no image or two, or the object cannot be read or is over 15 MB.
    """
    if ("Bytes" in image) == ("S3Object" in image):
        raise ServiceError("InvalidParameterException", "Request has invalid parameters")
    if "Bytes" in image:
        return SourceImage(data=image["Bytes"], key=None)
    reference = image["S3Object"]
    if "Bucket" not in reference or "Name" not in reference:
        raise ServiceError("InvalidS3ObjectException", "Request has invalid S3 object")
    version = {"VersionId": reference["Version"]} if "Version" in reference else {}
    try:
        found = s3.get_object(Bucket=reference["Bucket"], Key=reference["Name"], **version)
        with found["Body"] as body:
            if found["ContentLength"] > MAX_OBJECT_BYTES:
                raise ServiceError(
                    "ImageTooLargeException",
                    f"Image size is too large: the S3 object has more than {MAX_OBJECT_BYTES} bytes",
                )
            return SourceImage(data=body.read(), key=reference["Name"])
    except (BotoCoreError, ClientError) as error:
        _log.warning("cannot read the S3 object: %s", error)
        raise ServiceError(
            "InvalidS3ObjectException",
            "Unable to get object metadata from S3. Check object key, region and/or access permissions.",
        ) from error


def decode_image(data: bytes, *, least_side: int) -> Image.Image:
    """Decode a JPEG or PNG into an upright RGB image, a large JPEG at a fraction of its size.

    Parameters
    ----------
    data
        The file.
    least_side
        The pixels a side that a fraction of a JPEG has at least.

    Raises
    ------
    ServiceError
        When the bytes are no such image, or a side is under 80 pixels.
    """
    try:
        with Image.open(io.BytesIO(data), formats=_FORMATS) as opened:
            if min(opened.size) < MIN_SIDE:
                raise ServiceError(
                    "InvalidParameterException",
                    f"Request has invalid parameters: a side of the image is under {MIN_SIDE} pixels",
                )
            opened.draft("RGB", (least_side, least_side))
            return ImageOps.exif_transpose(opened).convert("RGB")
    except Image.DecompressionBombError as error:
        raise ServiceError("ImageTooLargeException", "Image size is too large: too many pixels") from error
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError) as error:
        raise ServiceError("InvalidImageFormatException", "Request has invalid image format") from error
