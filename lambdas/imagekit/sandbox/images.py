"""Renditions and analysis images made in a worker, so that no file can break the process that wants them.

One worker is kept, and serves one file at a time.
"""

import os
from collections.abc import Sequence
from math import ceil

from imagekit.decoding.limits import RAW_FULL_BYTES_A_PIXEL, decoding_bytes
from imagekit.formats.header import Header
from imagekit.formats.registry import FORMATS
from imagekit.rendering.analysis import MAX_ANALYSIS_SIDE, PreparedImage
from imagekit.rendering.animation import MAX_WRITTEN_PIXELS, is_animation
from imagekit.rendering.rendition import RenderedImage
from imagekit.sandbox.persistent_worker import MAX_WORKER_BYTES, PersistentWorker
from imagekit.sandbox.process import Task
from imagekit.sandbox.worker import Answer
from imagekit.tiles import Tiles
from safelight_contracts.development import AS_SHOT, Development
from safelight_contracts.image_types import ImageType
from safelight_contracts.limits import Limits
from safelight_contracts.renditions import Fit, Rendition
from safelight_contracts.showing import MAX_TILES, ON_WHITE, Showing

_USES = "imagekit.sandbox.image_tasks"
# Addresses, used or not: what decoders take however small the image is, and the stacks of the threads that dav1d, aom,
# libde265 and OpenMP make for each processor.
_BASE_BYTES = 128_000_000 + 16_000_000 * (os.cpu_count() or 1)
# A decoder may have a copy of its own.
_FILES = 2
# The most that was measured of a PNG at full size, decoding included, rounded up: WebP to a target. JPEG takes 15.
_RENDERING_BYTES_A_PIXEL = 64
_PREPARING_BYTES_A_PIXEL = 16
# Nine frames of half an analysis image's side, in 4 bytes a pixel, and once more as their tiles.
_CANDIDATE_FRAMES_BYTES = 2 * MAX_TILES * (MAX_ANALYSIS_SIDE // 2) ** 2 * 4
# A picture's copy with a mark, one more of both marks, and what is laid on it at full size; and the mark's own image.
_MARKING_BYTES_A_PIXEL = 16
_MARK_BYTES = 64_000_000
# Frames are kept in 4 bytes a pixel, and once more while libwebp takes one.
_FRAME_BYTES_A_PIXEL = 8

worker = PersistentWorker(uses=[_USES])
"""What the functions of this module give their files to."""


def render_in_sandbox(
    data: bytes,
    *,
    header: Header,
    renditions: Sequence[Rendition],
    limits: Limits,
    development: Development = AS_SHOT,
) -> list[RenderedImage]:
    """Make the renditions of an image as `imagekit.rendering.render.render` does, in the worker.

    Parameters
    ----------
    data, header, renditions, development
        As `render` takes them.
    limits
        Of these, `max_seconds` holds here: the others are kept by now.

    Raises
    ------
    ImageRejected
        What `render` raises; `UNREADABLE_IMAGE` when the image breaks its decoder, `IMAGE_TOO_LARGE` when it takes too
        much memory, too many seconds of the processor, or gives files that are too large.
    WorkerFailedError
        When the worker fails through no fault of the image that is known.
    """
    answer = _performed(
        "make_renditions",
        data=data,
        header=header,
        arguments={"renditions": renditions, "development": development},
        memory=_decoding_bytes(header)
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
    development: Development = AS_SHOT,
    showing: Showing = ON_WHITE,
) -> PreparedImage:
    """Make an analysis image in the worker, as `imagekit.rendering.analysis.prepare_analysis_image` does.

    Parameters
    ----------
    data, header, development, showing
        As `prepare_analysis_image` takes them.
    limits
        Of these, `max_seconds` holds here: the others are kept by now.

    Raises
    ------
    ImageRejected, WorkerFailedError
        As for `render_in_sandbox`.
    """
    answer = _performed(
        "prepare",
        data=data,
        header=header,
        arguments={"development": development, "showing": showing},
        memory=_decoding_bytes(header)
        + MAX_ANALYSIS_SIDE**2 * _PREPARING_BYTES_A_PIXEL
        + (_CANDIDATE_FRAMES_BYTES if showing.animated and is_animation(header) else 0),
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


def _decoding_bytes(header: Header) -> int:
    # The limits are those of camera raw at half size; where there is memory for it, it is developed in full.
    if header.type is ImageType.RAW:
        return header.width * header.height * RAW_FULL_BYTES_A_PIXEL
    return decoding_bytes(header)


def _rendering_bytes(rendition: Rendition, *, header: Header) -> int:
    height = rendition.height or ceil(rendition.width * header.height / header.width)
    pixels = rendition.width * height
    if not rendition.enlarge and rendition.fit is not Fit.CONTAIN:
        pixels = min(pixels, header.width * header.height)
    frames = MAX_WRITTEN_PIXELS * _FRAME_BYTES_A_PIXEL if rendition.animated and is_animation(header) else 0
    is_marked = rendition.watermark is not None or rendition.invisible_watermark is not None
    marks = pixels * _MARKING_BYTES_A_PIXEL + _MARK_BYTES if is_marked else 0
    return pixels * _RENDERING_BYTES_A_PIXEL + frames + marks
