"""Contact sheets show frames before and after the redaction."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from tests.unit.videokit.redacting import planned
from tests.unit.videokit.videos import write_video

from imagekit.geometry import Box
from videokit.cells import Samples
from videokit.chunks import redact_chunk
from videokit.faults import ChunkMismatchError
from videokit.plan import Chunk, Frame, Plan
from videokit.sheets import draw_sheets, shown_frames

LEFT_HALF = Box(left=0.1, top=0.1, right=0.5, bottom=0.9)
MATRIX_OF_A_QUARTER_TURN = (0, 65536, 0, -65536, 0, 0, 0, 0, 1 << 30)


@dataclass(frozen=True, kw_only=True)
class Sheets:
    before: Samples
    after: Samples

    def cell(self, place: int, *, sheet: str) -> Samples:
        pixels: Samples = getattr(self, sheet)
        height, width = pixels.shape[0] // 3, pixels.shape[1] // 4
        row, column = divmod(place, 4)
        return pixels[row * height : (row + 1) * height, column * width : (column + 1) * width]


def sheets(
    source: Path, folder: Path, *, covers: Mapping[int, Sequence[Box]] | None = None, seconds: float = 1
) -> Sheets:
    """Redact a video, and make its sheets."""
    info, plan = planned(source, seconds=seconds)
    covered = covers or {}
    chunks = [folder / f"{chunk.number}.mp4" for chunk in plan.chunks]
    for chunk, path in zip(plan.chunks, chunks, strict=True):
        redact_chunk(source, path, chunk=chunk, info=info, frames=plan.frames_of(chunk), covers=covered)
    before, after = folder / "before.jpg", folder / "after.jpg"
    draw_sheets(source, chunks, before=before, after=after, shown=shown_frames(plan), info=info, boxes=covered)
    opened = []
    for path in (before, after):
        with Image.open(path) as picture:
            assert picture.format == "JPEG"
            opened.append(np.asarray(picture.convert("RGB")))
    return Sheets(before=opened[0], after=opened[1])


def plan(*lengths: int) -> Plan:
    """A plan of chunks with so many frames."""
    frames = [Frame(pts=number, duration=1) for number in range(sum(lengths))]
    chunks = []
    for number, length in enumerate(lengths):
        first = sum(lengths[:number])
        chunks.append(
            Chunk(
                number=number,
                decode_from=first,
                packets=length,
                start=first,
                end=first + length,
                first=first,
                frames=length,
            )
        )
    return Plan(frames=frames, chunks=chunks)


def test_a_dozen_frames_are_spread_over_the_video() -> None:
    assert [it.pts for it in shown_frames(plan(60, 60))] == list(range(5, 120, 10))


def test_a_video_with_fewer_frames_shows_them_all() -> None:
    assert [it.pts for it in shown_frames(plan(2, 3))] == [0, 1, 2, 3, 4]


def test_of_a_long_video_the_first_frames_of_chunks_are_shown() -> None:
    shown = shown_frames(plan(*[10] * 36))
    assert [it.pts for it in shown] == [it.chunk.start for it in shown]
    assert [it.chunk.number for it in shown] == list(range(1, 36, 3))


def test_the_boxes_are_drawn_before_and_nothing_after(tmp_path: Path) -> None:
    source = write_video(tmp_path / "a.mp4", frames=60, width=320, height=240)
    every = {it.pts: [LEFT_HALF] for it in planned(source, seconds=1)[1].frames}
    made = sheets(source, tmp_path, covers=every)
    for place in range(12):
        before, after = (made.cell(place, sheet=name) for name in ("before", "after"))
        red, _, blue = before[120, 32].astype(int)
        assert red - blue > 100, place
        # A fill is flat.
        assert after[40:200, 50:140].std(axis=(0, 1)).max() < 8, place
        assert before[40:200, 50:140].std(axis=(0, 1)).max() > 20, place


def test_the_line_of_a_box_is_seen_on_dark_and_on_bright_pictures(tmp_path: Path) -> None:
    source = write_video(tmp_path / "a.mp4", frames=12, width=320, height=240)
    every = {it.pts: [LEFT_HALF] for it in planned(source, seconds=1)[1].frames}
    # Its left edge is at 32.
    before = sheets(source, tmp_path, covers=every).cell(0, sheet="before").astype(int)
    across = before[60:180, 28:36].mean(axis=2)
    assert across[:, 2:6].min() > 120
    assert across[:, [0, 1, 6, 7]].max() < 100


def test_a_box_at_the_edge_of_the_picture_has_a_line_there(tmp_path: Path) -> None:
    source = write_video(tmp_path / "a.mp4", frames=12, width=320, height=240)
    whole = Box(left=0, top=0, right=1, bottom=1)
    every = {it.pts: [whole] for it in planned(source, seconds=1)[1].frames}
    before = sheets(source, tmp_path, covers=every).cell(0, sheet="before").astype(int)
    for line in (before[1:3, 8:-8], before[-3:-1, 8:-8], before[8:-8, 1:3], before[8:-8, -3:-1]):
        assert (line[..., 0] - line[..., 2]).min() > 100


def test_both_sheets_show_the_same_frames(tmp_path: Path) -> None:
    made = sheets(write_video(tmp_path / "a.mp4", frames=60), tmp_path)
    assert np.abs(made.before.astype(int) - made.after.astype(int)).mean() < 8


def test_a_sheet_shows_its_video_upright(tmp_path: Path) -> None:
    source = write_video(tmp_path / "a.mp4", frames=12, width=320, height=240, matrix=MATRIX_OF_A_QUARTER_TURN)
    made = sheets(source, tmp_path)
    assert made.before.shape == made.after.shape == (3 * 320, 4 * 240, 3)


def test_a_sheet_has_square_pixels(tmp_path: Path) -> None:
    source = write_video(tmp_path / "a.mp4", frames=12, width=320, height=240, aspect=Fraction(1, 2))
    assert sheets(source, tmp_path).before.shape == (3 * 240, 4 * 160, 3)


@pytest.mark.parametrize(("width", "height"), [(1280, 720), (720, 1280), (1920, 64)])
def test_a_sheet_is_1600_pixels_wide_at_most(tmp_path: Path, width: int, height: int) -> None:
    made = sheets(write_video(tmp_path / "a.mp4", frames=12, width=width, height=height), tmp_path)
    assert max(made.before.shape[1], made.before.shape[0] * 4 // 3) <= 1600


def test_a_frame_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    source = write_video(tmp_path / "a.mp4", frames=30)
    other = write_video(tmp_path / "b.mp4", frames=12)
    info, long = planned(source, seconds=1)
    before, after = tmp_path / "before.jpg", tmp_path / "after.jpg"
    with pytest.raises(ChunkMismatchError):
        draw_sheets(other, [other], before=before, after=after, shown=shown_frames(long), info=info, boxes={})
