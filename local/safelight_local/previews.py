"""Pictures that show what was found in a redacted file."""

import json
import warnings
from pathlib import Path

from botocore.exceptions import ClientError
from PIL import Image, ImageDraw, ImageOps

from safelight_contracts.redaction.boxes import BoxKind
from safelight_contracts.redaction.reviews import PhotoReview, before_key, boxes_key
from safelight_local.aws.clients import Clients
from safelight_local.aws.redaction_states import Sent
from safelight_local.aws.redactions import RedactionKind

_COLOURS = {BoxKind.FACE: "#ffdc00", BoxKind.TEXT: "#00e5ff", BoxKind.PLATE: "#ff40ff"}
# Lines are as wide as this part of the longest side.
_LINE = 1 / 400
_NOT_FOUND = 404


class NoPreviewError(Exception):
    """There is no preview of a file. The message says why."""


def preview_path(path: Path, *, folder: Path) -> Path:
    """Return where the preview of a file is written: ``NAME.boxes.jpg``."""
    return folder / f"{path.stem}.boxes.jpg"


def make_preview(clients: Clients, *, sent: Sent, folder: Path) -> Path:
    """Write the preview of a redacted file, and return where: the photograph with boxes, or a video's contact sheet.

    Raises
    ------
    NoPreviewError
        If the redaction keeps no boxes of it, or this machine cannot read the file.
    """
    redaction = sent.redaction
    if redaction.kind is RedactionKind.DICOM:
        raise NoPreviewError("previews are made of photographs and videos")
    if not redaction.reviews_bucket:
        raise NoPreviewError(f"{redaction.stack}/{redaction.name} keeps no boxes: run `safelight up` again")
    target = preview_path(sent.path, folder=folder)
    key = redaction.destination_key(sent.key)
    if redaction.kind is RedactionKind.VIDEO:
        target.write_bytes(_read(clients, bucket=redaction.reviews_bucket, key=before_key(key)))
        return target
    told = _read(clients, bucket=redaction.reviews_bucket, key=boxes_key(key))
    draw_boxes(sent.path, review=PhotoReview.from_json(json.loads(told)), target=target)
    return target


def draw_boxes(path: Path, *, review: PhotoReview, target: Path) -> None:
    """Write a photograph, upright, as a JPEG with its boxes: yellow around faces, cyan text, magenta plates.

    Raises
    ------
    NoPreviewError
        If Pillow cannot read the photograph, or reads another size of it than the redaction did.
    """
    try:
        with warnings.catch_warnings():
            # The redaction has its own limit of pixels, and it has taken the file.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(path) as opened:
                picture = ImageOps.exif_transpose(opened).convert("RGB")
        if picture.size != (review.width, review.height):
            raise NoPreviewError("this machine cannot show files of its type")
        canvas, width = ImageDraw.Draw(picture), max(2, round(max(picture.size) * _LINE))
        for box in review.boxes:
            corners = (box.left, box.top, box.left + box.width - 1, box.top + box.height - 1)
            canvas.rectangle(corners, outline=_COLOURS[box.kind], width=width)
        # Half as many samples of colour would blur thin lines.
        picture.save(target, "JPEG", quality=90, subsampling=0)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise NoPreviewError("this machine cannot show files of its type") from error


def _read(clients: Clients, *, bucket: str, key: str) -> bytes:
    try:
        return clients.s3.get_object(Bucket=bucket, Key=key)["Body"].read()
    except ClientError as error:
        if error.response["ResponseMetadata"]["HTTPStatusCode"] == _NOT_FOUND:
            raise NoPreviewError("the redaction has made none: .safelight/*.log has the reason") from error
        raise
