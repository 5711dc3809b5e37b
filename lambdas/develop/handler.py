"""Entry point of the step that makes the one image of an upload that all its checks look at."""

import os
from collections.abc import Mapping
from typing import Any

from awskit import clients
from awskit.dimensions import answer_header
from awskit.objects import inspect_upload, read_upload
from awskit.rekognition import can_be_referenced
from awskit.settings import allowed_types, development, limits, min_pixels
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
        "key", "versionId"} | None, "facts": {...} | None}`; an object without versions has no `versionId`. The facts
        are those of `imagekit.exif.Facts.as_json`; None where there is not a single one.
    """
    return {"dimensions": None, "analysis": None, "facts": None, **answer_check(event, check=_develop)}


def _develop(upload: Upload) -> Answer:
    header = inspect_upload(upload, limits=limits())
    answer = answer_header(header, min_pixels=min_pixels(), allowed_types=allowed_types())
    if not answer["accepted"]:
        return answer
    facts = None if header.facts is None else header.facts.as_json()
    return answer | {"analysis": _analysis_image(upload, header=header), "facts": facts}


@raising_storage_busy()
def _analysis_image(upload: Upload, *, header: Header) -> Mapping[str, str | None]:
    if can_be_referenced(upload, header=header):
        return {"bucket": upload.bucket, "key": upload.key, "versionId": upload.version_id}
    # The sequencer tells uploads of one key apart, and a second run writes the same object again.
    image = {"bucket": os.environ["ANALYSIS_BUCKET"], "key": f"{upload.key}/{upload.sequencer}.jpg"}
    worker.start()
    data = read_upload(upload, limits=limits())
    header = inspect(data, limits=limits())
    proxy = analysis_proxy_confined(data, header=header, limits=limits(), development=development())
    clients.s3().put_object(
        Bucket=image["bucket"],
        Key=image["key"],
        Body=proxy,
        ContentType=ImageType.JPEG.content_type,
    )
    return image
