"""Redact images in a worker process, so that a hostile file cannot break the calling process.

One worker is kept and handles one file at a time.
"""

import os
from collections.abc import Sequence

from imagekit.decoding.limits import decoding_bytes
from imagekit.formats.header import Header
from imagekit.formats.registry import FORMATS
from imagekit.geometry import Box as Place
from imagekit.redaction.redacted import RedactedImage
from imagekit.redaction.search_places import DetectionPicture
from imagekit.sandbox.persistent_worker import MAX_WORKER_BYTES, PersistentWorker
from imagekit.sandbox.process import Task
from imagekit.sandbox.worker import Answer
from safelight_contracts.development import DEFAULT_DEVELOPMENT, Development
from safelight_contracts.image_types import ImageType
from safelight_contracts.limits import Limits
from safelight_contracts.redaction.boxes import Box
from safelight_contracts.redaction.redact import Redact

_USES = "imagekit.sandbox.redaction_tasks"
# Address space, used or not: as in `imagekit.sandbox.images`.
_BASE_BYTES = 128_000_000 + 16_000_000 * (os.cpu_count() or 1)
# A decoder may copy the file.
_FILES = 2
# As for a rendition (`imagekit.sandbox.images`): an encoder takes most of it.
_WORKING_BYTES_A_PIXEL = 64

worker = PersistentWorker(uses=[_USES])
"""The worker that the functions of this module use."""


def redact_in_sandbox(
    data: bytes,
    *,
    header: Header,
    boxes: Sequence[Box],
    redact: Redact,
    limits: Limits,
    development: Development = DEFAULT_DEVELOPMENT,
) -> RedactedImage:
    """Make a redacted image in the worker, as `imagekit.redaction.make.redact_image` does.

    `limits`: Only `max_seconds` is used here. `imagekit.decoding.limits.inspect` checks the others.

    Raises ImageRejected: what `redact_image` raises; `UNREADABLE_IMAGE` if the image crashes its decoder;
    `IMAGE_TOO_LARGE` if it needs too much memory or processor time. Raises WorkerFailedError: the worker failed, and
    the image is not known to be the cause. After an exception there is no redacted image: write nothing.
    """
    arguments = {"boxes": tuple(boxes), "redact": redact, "development": development}
    answer = _performed("redact", data=data, header=header, arguments=arguments, limits=limits)
    (file,) = answer.files
    made = answer.findings
    return RedactedImage(data=file, type=ImageType(made["type"]), width=made["width"], height=made["height"])


def show_in_sandbox(
    data: bytes,
    *,
    header: Header,
    places: Sequence[Place],
    limits: Limits,
    development: Development = DEFAULT_DEVELOPMENT,
) -> list[DetectionPicture]:
    """Make the pictures that a detector sees in the worker, as `detection_pictures` does.

    `places`: the parts of the upright image to show, from `imagekit.redaction.search_places`.
    `limits`: as for `redact_in_sandbox`.

    Raises ImageRejected, WorkerFailedError as for `redact_in_sandbox`. `IMAGE_TOO_LARGE` also if the image is longer
    than 16:1.
    """
    arguments = {"places": tuple(places), "development": development}
    answer = _performed("show", data=data, header=header, arguments=arguments, limits=limits)
    return [
        DetectionPicture(data=file, place=places[number])
        for number, file in zip(answer.findings, answer.files, strict=True)
    ]


def _performed(use: str, *, data: bytes, header: Header, arguments: dict[str, object], limits: Limits) -> Answer:
    pixels = header.width * header.height
    memory = _BASE_BYTES + _FILES * len(data) + decoding_bytes(header) + pixels * _WORKING_BYTES_A_PIXEL
    task = Task(
        use=f"{_USES}:{use}",
        arguments={"header": header} | arguments,
        max_memory=min(MAX_WORKER_BYTES, memory),
        max_seconds=limits.max_seconds,
        imports=FORMATS[header.type].libraries,
    )
    return worker.perform(task, data=data)
