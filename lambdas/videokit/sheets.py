"""Contact sheets: a dozen frames of a video in one picture, before and after its redaction."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import groupby
from math import ceil, floor
from pathlib import Path
from typing import TypeVar

import av
import numpy as np
from av.video.frame import VideoFrame
from av.video.reformatter import ColorRange, Colorspace
from av.video.stream import VideoStream

from imagekit.geometry import Box
from safelight_contracts.redaction.reviews import MAX_SHEET_WIDTH, SHEET_COLUMNS, SHEET_ROWS
from videokit.cells import Samples
from videokit.decoding import decoded
from videokit.faults import ChunkMismatchError
from videokit.info import VideoInfo
from videokit.opening import opened, picture_of
from videokit.orientation import upright
from videokit.plan import Chunk, Frame, Plan

_PLACES = SHEET_COLUMNS * SHEET_ROWS
# The longest side of one frame.
_SIDE = MAX_SHEET_WIDTH // SHEET_COLUMNS
# The line of a box: yellow between two dark lines, so that it is seen on any picture, also if a page shows the sheet at
# half its width.
_YELLOW, _DARK = (255, 220, 0), (20, 20, 20)
_YELLOW_WIDTH, _DARK_WIDTH = 4, 2
_Item = TypeVar("_Item")


@dataclass(frozen=True, kw_only=True)
class ShownFrame:
    """A frame that is on a contact sheet. `frames`: those of its chunk, as planned."""

    chunk: Chunk
    frames: Sequence[Frame]
    pts: int


def shown_frames(plan: Plan) -> list[ShownFrame]:
    """Choose a dozen frames that are evenly spread, or all if there are fewer.

    Of a video with a dozen chunks or more, they are first frames of chunks: no others need be decoded for them.
    """
    if len(plan.chunks) >= _PLACES:
        return [ShownFrame(chunk=it, frames=plan.frames_of(it), pts=it.start) for it in _spread(plan.chunks)]
    planned = [(chunk, plan.frames_of(chunk)) for chunk in plan.chunks]
    every = [ShownFrame(chunk=chunk, frames=frames, pts=frame.pts) for chunk, frames in planned for frame in frames]
    return list(_spread(every))


def draw_sheets(
    source: Path,
    chunks: Sequence[Path],
    *,
    before: Path,
    after: Path,
    shown: Sequence[ShownFrame],
    info: VideoInfo,
    boxes: Mapping[int, Sequence[Box]],
) -> None:
    """Write two JPEGs: frames of the source with their boxes drawn, and the same frames of the redacted chunks.

    `chunks`: all of the video's, by their numbers. They are joined without a change of their pictures.
    `shown`: from `shown_frames`.
    `boxes`: in the upright frame, by the pts of the frame.

    Raises
    ------
    VideoRejected
        As `videokit.decoding.decoded` does.
    ChunkMismatchError
        If a frame is not there.
    """
    size = _stored_size(info)
    originals: list[Samples] = []
    redacted: list[Samples] = []
    for chunk, group in groupby(shown, key=lambda it: it.chunk):
        here = list(group)
        wanted = [it.pts for it in here]
        frames = decoded(source, chunk=chunk, info=info, frames=here[0].frames)
        for pts, frame in _chosen(frames, wanted=wanted):
            picture = _small(frame, size=size, info=info)
            _draw(picture, boxes.get(pts, ()))
            originals.append(picture)
        for _, frame in _chosen(_redacted(chunks[chunk.number], chunk=chunk), wanted=wanted):
            redacted.append(_small(frame, size=size, info=info))
    _write(before, _sheet(originals))
    _write(after, _sheet(redacted))


def _spread(items: Sequence[_Item]) -> Sequence[_Item]:
    """Return a dozen of them, each from the middle of its twelfth."""
    if len(items) <= _PLACES:
        return items
    return [items[(2 * place + 1) * len(items) // (2 * _PLACES)] for place in range(_PLACES)]


def _chosen(frames: Iterator[tuple[int, VideoFrame]], *, wanted: Sequence[int]) -> Iterator[tuple[int, VideoFrame]]:
    """Yield some frames, and decode none after them."""
    waiting = list(wanted)
    for pts, frame in frames:
        if pts == waiting[0]:
            yield waiting.pop(0), frame
            if not waiting:
                return
    raise ChunkMismatchError(f"There is no frame at {waiting[0]}.")


def _redacted(path: Path, *, chunk: Chunk) -> Iterator[tuple[int, VideoFrame]]:
    with opened(path) as container:
        stream = picture_of(container)
        stream.codec_context.thread_count = 1
        for frame in container.decode(stream):
            yield (frame.pts or 0) + chunk.start, frame


def _stored_size(info: VideoInfo) -> tuple[int, int]:
    """Return the width and the height of a frame on a sheet, before it is turned upright. Its pixels are square."""
    width, height = info.width * (info.sample_aspect_ratio or Fraction(1)), Fraction(info.height)
    scale = min(Fraction(1), _SIDE / width, _SIDE / height)
    return max(1, round(width * scale)), max(1, round(height * scale))


def _small(frame: VideoFrame, *, size: tuple[int, int], info: VideoInfo) -> Samples:
    width, height = size
    pixels: Samples = frame.reformat(width=width, height=height, format="rgb24").to_ndarray().astype(np.uint8)
    return upright(pixels, orientation=info.orientation)


def _draw(picture: Samples, boxes: Sequence[Box]) -> None:
    for color, width in ((_DARK, _YELLOW_WIDTH + 2 * _DARK_WIDTH), (_YELLOW, _YELLOW_WIDTH)):
        for box in boxes:
            _outline(picture, box, color=color, width=width)


def _outline(picture: Samples, box: Box, *, color: tuple[int, int, int], width: int) -> None:
    """Draw a line of so many pixels, half of it inside of the box, or all of it at an edge of the picture."""
    high, wide = picture.shape[:2]
    cut, half = box.cut(), width // 2
    left, right = floor(cut.left * wide), ceil(cut.right * wide)
    top, bottom = floor(cut.top * high), ceil(cut.bottom * high)
    around = picture[max(0, top - half) : bottom + half, max(0, left - half) : right + half]
    around[:width] = around[-width:] = color
    around[:, :width] = around[:, -width:] = color


def _sheet(pictures: Sequence[Samples]) -> Samples:
    height, width = pictures[0].shape[:2]
    sheet = np.zeros((SHEET_ROWS * height, SHEET_COLUMNS * width, 3), dtype=np.uint8)
    for place, picture in enumerate(pictures):
        row, column = divmod(place, SHEET_COLUMNS)
        sheet[row * height : (row + 1) * height, column * width : (column + 1) * width] = picture
    return sheet


def _write(path: Path, sheet: Samples) -> None:
    frame = VideoFrame.from_ndarray(sheet, format="rgb24").reformat(
        # As JFIF has it.
        format="yuvj420p",
        dst_colorspace=Colorspace.ITU601,
        dst_color_range=ColorRange.JPEG,
    )
    with av.open(str(path), "w", format="mjpeg") as output:
        stream = output.add_stream("mjpeg", rate=1)
        assert isinstance(stream, VideoStream)  # noqa: S101 - PyAV's types do not know
        stream.width, stream.height, stream.pix_fmt = frame.width, frame.height, "yuvj420p"
        output.mux([*stream.encode(frame), *stream.encode(None)])
