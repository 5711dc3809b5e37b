"""Entry point of the step that prepares the analysis image of an upload, which all checks look at."""

import os
from typing import Any

from awskit import clients
from awskit.images.dimensions import answer_header
from awskit.rekognition.analysis import AnalysisImage
from awskit.rekognition.detection import can_be_referenced
from awskit.settings import allowed_types, development, limits, min_pixels, presentation
from awskit.steps import Answer, answer_check
from awskit.storage.objects import inspect_upload, read_upload
from awskit.transient_errors import transient_storage_errors
from awskit.uploads import Upload
from imagekit.decoding.limits import inspect
from imagekit.formats.header import Header
from imagekit.formats.registry import FORMATS
from imagekit.sandbox.images import prepare_in_sandbox, worker
from safelight_contracts.environment import Variable
from safelight_contracts.image_types import ImageType


def handler(event: dict[str, Any], context: object) -> Answer:  # noqa: ARG001 - Lambda's signature
    """Check the type and the dimensions of an image, and prepare an analysis image that Rekognition accepts.

    An upload that Rekognition accepts as it is, at the version of the event, is its own analysis image. For any other
    upload the step writes a JPEG within Rekognition's limits to the analysis bucket. It does so too for an upload
    without a version, which could be replaced after the checks. A second run writes the same key again. The step never
    changes the upload.

    If readers see an image on several backgrounds, or animated, the analysis image shows all of this in tiles: see
    PRESENTATION and `imagekit.rendering.analysis.prepare_analysis_image`.

    For an accepted image, the step returns what EXIF data says of the photograph, for its record. Where and when it was
    taken is private, so it is never logged, and a written analysis image does not contain it.

    `event`: `{"image", "execution"}`.

    Returns `{"accepted", "reason", "detail", "dimensions": {"width", "height", "type"} | None, "analysis": {"bucket",
    "key", "versionId", "tiles": {"columns", "rows"}} | None, "photoMetadata": {...} | None}`. An object without
    versions has no `versionId`, and an image that is one picture has no `tiles`. `photoMetadata` is
    `imagekit.metadata.exif.PhotoMetadata.as_json`, or None if it would be empty.
    """
    return {"dimensions": None, "analysis": None, "photoMetadata": None, **answer_check(event, check=_prepare_upload)}


def _prepare_upload(upload: Upload) -> Answer:
    header = inspect_upload(upload, limits=limits())
    answer = answer_header(header, min_pixels=min_pixels(), allowed_types=allowed_types())
    if not answer["accepted"]:
        return answer
    photo_metadata = None if header.photo_metadata is None else header.photo_metadata.as_json() or None
    return answer | {"analysis": _analysis_image(upload, header=header).as_json(), "photoMetadata": photo_metadata}


@transient_storage_errors()
def _analysis_image(upload: Upload, *, header: Header) -> AnalysisImage:
    if can_be_referenced(upload, header=header):
        return AnalysisImage(bucket=upload.bucket, key=upload.key, version_id=upload.version_id)
    worker.start()
    data = read_upload(upload, limits=limits())
    header = inspect(data, limits=limits())
    prepared = prepare_in_sandbox(
        data, header=header, limits=limits(), development=development(), presentation=presentation()
    )
    # The sequencer distinguishes uploads of one key. A second run writes the same object again.
    image = AnalysisImage(
        bucket=os.environ[Variable.ANALYSIS_BUCKET], key=f"{upload.key}/{upload.sequencer}.jpg", tiles=prepared.tiles
    )
    clients.s3().put_object(
        Bucket=image.bucket,
        Key=image.key,
        Body=prepared.data,
        ContentType=FORMATS[ImageType.JPEG].content_type,
    )
    return image
