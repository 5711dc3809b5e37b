"""Redact images in a worker process, so that a hostile file cannot break the calling process.

One worker is kept and handles one file at a time.
"""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from imagekit.decoding.limits import decoding_bytes
from imagekit.formats.header import Header
from imagekit.formats.registry import FORMATS
from imagekit.geometry import Box as Place
from imagekit.redaction.redacted import RedactedImage
from imagekit.redaction.search_places import DetectionPicture
from imagekit.sandbox.persistent_worker import MAX_WORKER_BYTES, PersistentWorker
from imagekit.sandbox.process import Task
from imagekit.sandbox.worker import Answer, Perform
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


@dataclass(frozen=True, kw_only=True)
class SandboxedImage:
    """An image in the worker's child, which decodes it once. See `opened_in_sandbox`.

    `header`: of the file. `size`: of the file, in bytes.
    """

    header: Header
    size: int
    limits: Limits
    development: Development
    perform: Perform

    def redact(self, *, boxes: Sequence[Box], redact: Redact) -> RedactedImage:
        """Make a redacted image, as `imagekit.redaction.make.redact_image` does.

        Raises ImageRejected: what `redact_image` raises; `UNREADABLE_IMAGE` if the image crashes its decoder;
        `IMAGE_TOO_LARGE` if it needs too much memory or processor time. Raises WorkerFailedError: the worker failed,
        and the image is not known to be the cause. After an exception there is no redacted image: write nothing.
        """
        answer = self._performed("redact", boxes=tuple(boxes), redact=redact)
        (file,) = answer.files
        made = answer.findings
        return RedactedImage(data=file, type=ImageType(made["type"]), width=made["width"], height=made["height"])

    def show(self, places: Sequence[Place]) -> list[DetectionPicture]:
        """Make the pictures that a detector sees, as `detection_pictures` does.

        `places`: the parts of the upright image to show, from `imagekit.redaction.search_places`.

        Raises ImageRejected, WorkerFailedError as for `redact`. `IMAGE_TOO_LARGE` also if the image is longer than
        16:1.
        """
        answer = self._performed("show", places=tuple(places))
        return [
            DetectionPicture(data=file, place=places[number])
            for number, file in zip(answer.findings, answer.files, strict=True)
        ]

    def _performed(self, use: str, **arguments: object) -> Answer:
        header = self.header
        pixels = header.width * header.height
        memory = _BASE_BYTES + _FILES * self.size + decoding_bytes(header) + pixels * _WORKING_BYTES_A_PIXEL
        task = Task(
            use=f"{_USES}:{use}",
            arguments={"header": header, "development": self.development, **arguments},
            max_memory=min(MAX_WORKER_BYTES, memory),
            max_seconds=self.limits.max_seconds,
            imports=FORMATS[header.type].libraries,
        )
        return self.perform(task)


@contextmanager
def opened_in_sandbox(
    data: bytes, *, header: Header, limits: Limits, development: Development = DEFAULT_DEVELOPMENT
) -> Iterator[SandboxedImage]:
    """Open an image in the worker, for what a detector sees and for what is redacted.

    `limits`: Only `max_seconds` is used here, for each picture that is asked for.
    `imagekit.decoding.limits.inspect` checks the others.
    """
    with worker.opened(data) as perform:
        yield SandboxedImage(header=header, size=len(data), limits=limits, development=development, perform=perform)
