"""Make the image that is delivered in a worker process, so that a hostile file cannot break the calling process.

One worker is kept and handles one file at a time.
"""

import os
from collections.abc import Mapping, Sequence

from imagekit.decoding.limits import MAX_WRITTEN_PIXELS, decoding_bytes
from imagekit.formats.inspection import is_animation
from imagekit.formats.registry import FORMATS
from imagekit.geometry import Box, Size
from imagekit.operations.delivered import DeliveredImage, EncodedImage
from imagekit.operations.plans import most_pixels
from imagekit.sandbox.persistent_worker import MAX_WORKER_BYTES, PersistentWorker
from imagekit.sandbox.process import Task
from safelight_contracts.delivery.accept import AcceptedType
from safelight_contracts.delivery.operations import ImagePlan
from safelight_contracts.delivery.overlays import Overlay
from safelight_contracts.delivery.refusals import Refusal, RequestRefusedError
from safelight_contracts.image_types import ImageType
from safelight_contracts.limits import Limits

_USES = "imagekit.sandbox.delivery_tasks"
# Address space, used or not: as in `imagekit.sandbox.images`.
_BASE_BYTES = 128_000_000 + 16_000_000 * (os.cpu_count() or 1)
# A decoder may copy the file.
_FILES = 2
# For the largest picture. As for a rendition (`imagekit.sandbox.images`), whose encoder takes most of it.
_WORKING_BYTES_A_PIXEL = 64
# Frames are kept at 4 bytes a pixel, and libwebp copies each while it encodes it.
_FRAME_BYTES_A_PIXEL = 8
_NO_OVERLAYS: Mapping[Overlay, EncodedImage] = {}

worker = PersistentWorker(uses=[_USES])
"""The worker that `make_in_sandbox` uses."""


def make_in_sandbox(
    source: EncodedImage,
    *,
    plan: ImagePlan,
    accepted: AcceptedType,
    limits: Limits,
    faces: Sequence[Box] = (),
    is_unsafe: bool = False,
    overlays: Mapping[Overlay, EncodedImage] = _NO_OVERLAYS,
) -> DeliveredImage:
    """Make an image in the worker, as `imagekit.operations.make.make_image` does.

    Parameters
    ----------
    limits
        Only ``max_seconds`` is used here. `imagekit.decoding.limits.inspect` checks the others.

    Raises
    ------
    ImageRejected, RequestRefusedError
        As for `make_image`. ``UNREADABLE_IMAGE`` also if an image crashes its decoder. ``IMAGE_TOO_LARGE`` also if it
        takes too much memory, or too much processor time, which ``maxSeconds`` in its detail tells.
    WorkerFailedError
        The worker failed, and the image is not known to be the cause.
    """
    size = Size(width=source.header.width, height=source.header.height)
    files = [source, *overlays.values()]
    task = Task(
        use=f"{_USES}:deliver",
        arguments={
            "header": source.header,
            "plan": plan,
            "accepted": accepted,
            "faces": tuple(faces),
            "is_unsafe": is_unsafe,
            "overlays": dict(overlays),
        },
        max_memory=min(
            MAX_WORKER_BYTES,
            _BASE_BYTES
            + _FILES * sum(len(file.data) for file in files)
            + max(decoding_bytes(file.header) for file in files)
            + most_pixels(plan, picture=size) * _WORKING_BYTES_A_PIXEL
            + (MAX_WRITTEN_PIXELS * _FRAME_BYTES_A_PIXEL if is_animation(source.header) else 0),
        ),
        max_seconds=limits.max_seconds,
        imports=[module for file in files for module in FORMATS[file.header.type].libraries],
    )
    answer = worker.perform(task, data=source.data)
    findings = answer.findings
    if "refusal" in findings:
        raise RequestRefusedError(Refusal(findings["refusal"]), findings["message"], parameter=findings["parameter"])
    (data,) = answer.files
    return DeliveredImage(
        data=data, type=ImageType(findings["type"]), width=findings["width"], height=findings["height"]
    )
