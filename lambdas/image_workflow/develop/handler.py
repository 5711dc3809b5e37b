"""Entry point of the step that makes the one image of an upload that all its checks look at."""

import os
from typing import Any

from awskit import clients
from awskit.analysis import AnalysisImage
from awskit.dimensions import answer_header
from awskit.objects import inspect_upload, read_upload
from awskit.rekognition import can_be_referenced
from awskit.settings import allowed_types, development, limits, min_pixels, showing
from awskit.steps import Answer, answer_check
from awskit.storage import raising_storage_busy
from awskit.uploads import Upload
from imagekit.confined import analysis_proxy_confined, worker
from imagekit.decode import inspect
from imagekit.header import Header
from imagekit.image_type import ImageType


def handler(event: dict[str, Any], context: object) -> Answer:  # noqa: ARG001 - Lambda's signature
    """Check type and dimensions of an image, and see to it that Rekognition can take it.

    An upload that Rekognition takes as it is serves as its own analysis image, at the version of the event. Of any
    other, and of one without a version, which could be replaced once it is checked, a JPEG within Rekognition's
    limits is written to the analysis bucket, under a name that a second run gives again. The
    upload itself is never touched.

    What readers may see in several ways is shown in all of them, in tiles: SHOWING says in which, and
    `imagekit.proxy.analysis_proxy` how.

    Of an image that is accepted, the facts that its EXIF data tells are answered for its record. Where and when
    somebody took a photograph is private: they are never logged, and an analysis image that is written holds none.

    Parameters
    ----------
    event
        `{"image", "execution"}`.
    context
        Lambda's; not used.

    Returns
    -------
    dict
        `{"accepted", "reason", "detail", "dimensions": {"width", "height", "type"} | None, "analysis": {"bucket",
        "key", "versionId", "tiles": {"columns", "rows"}} | None, "facts": {...} | None}`. An object without versions
        has no `versionId`, and an image that is one picture no `tiles`. The facts are those of
        `imagekit.exif.Facts.as_json`; None where there is not a single one.
    """
    return {"dimensions": None, "analysis": None, "facts": None, **answer_check(event, check=_develop)}


def _develop(upload: Upload) -> Answer:
    header = inspect_upload(upload, limits=limits())
    answer = answer_header(header, min_pixels=min_pixels(), allowed_types=allowed_types())
    if not answer["accepted"]:
        return answer
    facts = None if header.facts is None else header.facts.as_json()
    return answer | {"analysis": _analysis_image(upload, header=header).as_json(), "facts": facts}


@raising_storage_busy()
def _analysis_image(upload: Upload, *, header: Header) -> AnalysisImage:
    if can_be_referenced(upload, header=header):
        return AnalysisImage(bucket=upload.bucket, key=upload.key, version_id=upload.version_id)
    worker.start()
    data = read_upload(upload, limits=limits())
    header = inspect(data, limits=limits())
    proxy = analysis_proxy_confined(data, header=header, limits=limits(), development=development(), showing=showing())
    # The sequencer tells uploads of one key apart, and a second run writes the same object again.
    image = AnalysisImage(
        bucket=os.environ["ANALYSIS_BUCKET"], key=f"{upload.key}/{upload.sequencer}.jpg", tiles=proxy.tiles
    )
    clients.s3().put_object(
        Bucket=image.bucket,
        Key=image.key,
        Body=proxy.data,
        ContentType=ImageType.JPEG.content_type,
    )
    return image
