"""Make renditions and analysis images in a worker process, so that a hostile file cannot break the calling process.

One worker is kept and handles one file at a time.
"""

import os
from collections.abc import Sequence
from math import ceil

from imagekit.decoding.limits import MAX_WRITTEN_PIXELS, decoding_bytes
from imagekit.formats.header import Header
from imagekit.formats.inspection import is_animation
from imagekit.formats.registry import FORMATS
from imagekit.redaction.redacted import Cover
from imagekit.rendering.prepared_image import MAX_ANALYSIS_SIDE, PreparedImage
from imagekit.rendering.rendition import RenderedImage
from imagekit.sandbox.persistent_worker import MAX_WORKER_BYTES, PersistentWorker
from imagekit.sandbox.process import Task
from imagekit.sandbox.worker import Answer
from imagekit.tiles import Tiles
from safelight_contracts.development import DEFAULT_DEVELOPMENT, Development
from safelight_contracts.limits import Limits
from safelight_contracts.presentation import DEFAULT_PRESENTATION, MAX_TILES, Presentation
from safelight_contracts.renditions import Fit, Rendition

_USES = "imagekit.sandbox.image_tasks"
# Address space, used or not: what decoders need for the smallest image, and the stacks of the threads that dav1d, aom,
# libde265 and OpenMP start for each processor.
_BASE_BYTES = 128_000_000 + 16_000_000 * (os.cpu_count() or 1)
# A decoder may copy the file.
_FILES = 2
# The measured maximum: a transparent PNG at full size, decoding included, encoded as AVIF of 4:4:4. AVIF of 4:2:0 and
# WebP need 47, JPEG needs 22.
_RENDERING_BYTES_A_PIXEL = 64
_PREPARING_BYTES_A_PIXEL = 16
# Nine frames of half an analysis image's side, at 4 bytes a pixel, and the same again as tiles.
_CANDIDATE_FRAMES_BYTES = 2 * MAX_TILES * (MAX_ANALYSIS_SIDE // 2) ** 2 * 4
# Copies of the picture with each mark, the overlay at full size, and the mark's own image.
_MARKING_BYTES_A_PIXEL = 16
_MARK_BYTES = 64_000_000
# The upright picture at full size, and a copy of it in which boxes are covered.
_COVERING_BYTES_A_PIXEL = 8
# Frames are kept at 4 bytes a pixel, and libwebp copies each while it encodes it.
_FRAME_BYTES_A_PIXEL = 8

worker = PersistentWorker(uses=[_USES])
"""The worker that the functions of this module use."""


def render_in_sandbox(
    data: bytes,
    *,
    header: Header,
    renditions: Sequence[Rendition],
    limits: Limits,
    development: Development = DEFAULT_DEVELOPMENT,
    cover: Cover | None = None,
) -> list[RenderedImage]:
    """Make renditions in the worker, as `imagekit.rendering.render.render` does.

    `limits`: Only `max_seconds` is used here. `inspect` checks the others.
    `cover`: what is covered in the image at full size, before it is scaled. Animations and TIFFs of several pages are
    then rejected as `UNSUPPORTED_TYPE`. Default: nothing.

    Raises ImageRejected: what `render` raises; `UNREADABLE_IMAGE` if the image crashes its decoder; `IMAGE_TOO_LARGE`
    if it needs too much memory or processor time, or if the output is too large. Raises WorkerFailedError: the worker
    failed, and the image is not known to be the cause.
    """
    answer = _performed(
        "make_renditions",
        data=data,
        header=header,
        arguments={"renditions": renditions, "development": development, "cover": cover},
        memory=decoding_bytes(header)
        + (0 if cover is None else header.width * header.height * _COVERING_BYTES_A_PIXEL)
        + max((_rendering_bytes(rendition, header=header) for rendition in renditions), default=0),
        limits=limits,
    )
    made = zip(renditions, answer.findings, answer.files, strict=True)
    return [
        RenderedImage(rendition=rendition, width=width, height=height, data=file)
        for rendition, (width, height), file in made
    ]


def prepare_in_sandbox(
    data: bytes,
    *,
    header: Header,
    limits: Limits,
    development: Development = DEFAULT_DEVELOPMENT,
    presentation: Presentation = DEFAULT_PRESENTATION,
) -> PreparedImage:
    """Make an analysis image in the worker, as `imagekit.rendering.analysis.prepare_analysis_image` does.

    `limits`: Only `max_seconds` is used here. `inspect` checks the others.

    Raises ImageRejected, WorkerFailedError as for `render_in_sandbox`.
    """
    answer = _performed(
        "prepare",
        data=data,
        header=header,
        arguments={"development": development, "presentation": presentation},
        memory=decoding_bytes(header)
        + MAX_ANALYSIS_SIDE**2 * _PREPARING_BYTES_A_PIXEL
        + (_CANDIDATE_FRAMES_BYTES if presentation.animated and is_animation(header) else 0),
        limits=limits,
    )
    columns, rows = answer.findings
    (file,) = answer.files
    return PreparedImage(data=file, tiles=Tiles(columns=columns, rows=rows))


def _performed(
    use: str, *, data: bytes, header: Header, arguments: dict[str, object], memory: int, limits: Limits
) -> Answer:
    task = Task(
        use=f"{_USES}:{use}",
        arguments={"header": header} | arguments,
        max_memory=min(MAX_WORKER_BYTES, memory + _FILES * len(data) + _BASE_BYTES),
        max_seconds=limits.max_seconds,
        imports=FORMATS[header.type].libraries,
    )
    return worker.perform(task, data=data)


def _rendering_bytes(rendition: Rendition, *, header: Header) -> int:
    height = rendition.height or ceil(rendition.width * header.height / header.width)
    pixels = rendition.width * height
    if not rendition.enlarge and rendition.fit is not Fit.CONTAIN:
        pixels = min(pixels, header.width * header.height)
    frames = MAX_WRITTEN_PIXELS * _FRAME_BYTES_A_PIXEL if rendition.animated and is_animation(header) else 0
    is_marked = rendition.watermark is not None or rendition.invisible_watermark is not None
    marks = pixels * _MARKING_BYTES_A_PIXEL + _MARK_BYTES if is_marked else 0
    return pixels * _RENDERING_BYTES_A_PIXEL + frames + marks
