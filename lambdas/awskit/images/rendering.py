"""Make the renditions of an upload and write them to the published bucket."""

import os
from collections.abc import Callable, Collection

from awskit.images.watermarks import with_file
from awskit.records.rendition_sets import begin_attempt, set_of
from awskit.records.table import records_from_environment
from awskit.settings import development, limits
from awskit.steps import Answer
from awskit.storage.objects import read_upload
from awskit.storage.published import put_rendition
from awskit.uploads import Upload
from imagekit.decoding.limits import inspect
from imagekit.formats.header import Header
from imagekit.formats.registry import FORMATS
from imagekit.redaction.redacted import Cover
from imagekit.rendering.rendition import RenderedImage
from imagekit.sandbox.images import render_in_sandbox
from safelight_contracts.environment import Variable
from safelight_contracts.redaction.boxes import MAX_BOXES, boxes_to_json, counts_of
from safelight_contracts.renditions import Rendition, renditions_from_json

FindCover = Callable[[bytes, Header], Cover]
"""Finds what is covered in an image, of its bytes and its header."""


def write_renditions(upload: Upload, *, names: Collection[str] | None, find_cover: FindCover | None = None) -> Answer:
    """Make renditions of an upload and write them under keys that nobody knows yet.

    `names`: the names of the renditions to make, out of all in RENDITIONS. None: all of them.
    `find_cover`: finds what is covered before renditions are made. Its errors are those of the step: nothing is
    written. Default: nothing is covered.

    Returns `{"dimensions": {"width", "height", "type"}, "renditions": [{"name", "key", "type", "width", "height",
    "bytes"}]}`, and with `find_cover` `"redacted": {"counts", "boxes"}`: how much is covered, by kind, and where, from
    `boxes_to_json`, the first MAX_BOXES. Raises ImageRejected, RejectedImage if the image is at fault.
    """
    data = read_upload(upload, limits=limits())
    header = inspect(data, limits=limits())
    renditions = _renditions(names=names)
    cover = None if find_cover is None else find_cover(data, header)
    images = render_in_sandbox(
        data, header=header, renditions=renditions, limits=limits(), development=development(), cover=cover
    )
    rendition_set = set_of(upload, published_prefix=os.environ[Variable.PUBLISHED_PREFIX])
    # Record the set first, so that the renditions are found and removed whatever fails from here on.
    begin_attempt(rendition_set, records=records_from_environment())
    return {
        "dimensions": {"width": header.width, "height": header.height, "type": str(header.type)},
        "renditions": [_write(image, prefix=rendition_set.prefix) for image in images],
        **({} if cover is None else {"redacted": _redacted(cover)}),
    }


def _redacted(cover: Cover) -> dict[str, object]:
    return {"counts": counts_of(cover.boxes), "boxes": boxes_to_json(cover.boxes[:MAX_BOXES])}


def _write(image: RenderedImage, *, prefix: str) -> dict[str, object]:
    rendition = image.rendition
    key = f"{prefix}{rendition.name}.{FORMATS[rendition.type].extension}"
    put_rendition(
        bucket=os.environ[Variable.PUBLISHED_BUCKET],
        key=key,
        data=image.data,
        content_type=FORMATS[rendition.type].content_type,
        cache_control=os.environ[Variable.CACHE_CONTROL],
    )
    return {
        "name": rendition.name,
        "key": key,
        "type": str(rendition.type),
        "width": image.width,
        "height": image.height,
        "bytes": len(image.data),
    }


def _renditions(*, names: Collection[str] | None) -> list[Rendition]:
    every = renditions_from_json(os.environ[Variable.RENDITIONS])
    return [with_file(rendition) for rendition in every if names is None or rendition.name in names]
