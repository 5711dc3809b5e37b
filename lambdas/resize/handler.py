"""Entry point of the step that makes renditions."""

import json
import os
from collections.abc import Collection
from typing import Any

from awskit.objects import read_upload
from awskit.published import put_newest
from awskit.settings import development, limits
from awskit.steps import Answer, perform_step
from awskit.uploads import Upload
from imagekit.confined import render_confined, worker
from imagekit.decode import inspect
from imagekit.geometry import Fit, Point
from imagekit.image_type import ImageType
from imagekit.quality import Ssim
from imagekit.rendition import RenderedImage, Rendition
from resize.watermarks import visible_mark

# Here, so that a snapshot of the function has it, and that it starts while Lambda does what comes next.
worker.start()


def handler(event: dict[str, Any], context: object) -> Answer:  # noqa: ARG001 - Lambda's signature
    """Make an image's renditions and write them to the published bucket.

    Parameters
    ----------
    event
        `{"image", "execution"}`, and where routes are data `"render": {"renditions": [name]}`: those that are made, of
        all that there are. Left out: all.
    context
        Lambda's; not used.

    Returns
    -------
    dict
        `{"dimensions": {"width", "height", "type"}, "renditions": [{"name", "key", "type", "width", "height",
        "bytes"}]}`.

    Raises
    ------
    RejectedImage
        When the image is at fault, or a newer upload of its key is published.
    """
    names = event.get("render", {}).get("renditions")
    return perform_step(event, step=lambda upload: _resize(upload, names=names))


def _resize(upload: Upload, *, names: Collection[str] | None) -> Answer:
    data = read_upload(upload, limits=limits())
    header = inspect(data, limits=limits())
    renditions = _renditions(names=names)
    images = render_confined(data, header=header, renditions=renditions, limits=limits(), development=development())
    return {
        "dimensions": {"width": header.width, "height": header.height, "type": str(header.type)},
        "renditions": [_publish(image, upload=upload) for image in images],
    }


def _publish(image: RenderedImage, *, upload: Upload) -> dict[str, object]:
    rendition = image.rendition
    # Under the whole key of the upload, so that `a.jpg` and `a.png` never meet.
    key = f"{os.environ['PUBLISHED_PREFIX']}{upload.key}/{rendition.name}.{rendition.type.extension}"
    put_newest(
        bucket=os.environ["PUBLISHED_BUCKET"],
        key=key,
        data=image.data,
        content_type=rendition.type.content_type,
        sequencer=upload.sequencer,
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
    every = json.loads(os.environ["RENDITIONS"])
    return [_rendition(described) for described in every if names is None or described["name"] in names]


def _rendition(described: dict[str, Any]) -> Rendition:
    x, y = described.get("focalPoint", (0.5, 0.5))
    target = described.get("target")
    return Rendition(
        name=described["name"],
        width=described["width"],
        height=described["height"],
        fit=Fit(described["fit"]),
        type=ImageType(described["type"]),
        quality=described["quality"],
        target=None if target is None else Ssim(value=target["ssim"], tolerance=target["tolerance"]),
        focal_point=Point(x=x, y=y),
        background=described.get("background", "#ffffff"),
        enlarge=described.get("enlarge", False),
        animated=described.get("animated", False),
        visible_mark=visible_mark(described.get("watermark")),
        invisible_mark=described.get("invisibleWatermark"),
    )
