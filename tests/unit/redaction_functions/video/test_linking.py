"""What is covered in each chunk, for what a detector found in all of them."""

from dataclasses import replace
from fractions import Fraction
from typing import Any
from weakref import ref

import numpy as np
import pytest

from awskit.redaction.video.linking import Linked, link_chunks
from imagekit.geometry import Box
from safelight_contracts.redaction.styles import Style
from videokit.cells import Cells
from videokit.faults import ChunkMismatchError
from videokit.info import Container, VideoCodec, VideoInfo
from videokit.looking import Found, Looked
from videokit.plan import Chunk, Frame, Plan
from videokit.tracks.detections import Detection

FRAMES = 10
INFO = VideoInfo(
    container=Container.MP4,
    codec=VideoCodec.H264,
    width=320,
    height=240,
    orientation=1,
    matrix=None,
    pixel_format="yuv420p",
    sample_aspect_ratio=None,
    time_base=Fraction(1, 10),
    frame_rate=Fraction(10),
    color_range=1,
    color_primaries=1,
    color_transfer=1,
    color_matrix=1,
)
PLAN = Plan(
    frames=[Frame(pts=number, duration=1) for number in range(2 * FRAMES)],
    chunks=[
        Chunk(number=0, decode_from=0, packets=FRAMES, start=0, end=FRAMES, first=0, frames=FRAMES),
        Chunk(number=1, decode_from=FRAMES, packets=FRAMES, start=FRAMES, end=None, first=FRAMES, frames=FRAMES),
    ],
)
DARK = np.zeros((18, 32), dtype=np.uint8)
HALF_LIGHT = np.repeat(np.array([[250] * 16 + [130] * 16], dtype=np.uint8), 18, axis=0)
FACE = Box(left=0.4, top=0.4, right=0.6, bottom=0.6)


def looked(chunk: int, **faces: Any) -> Looked:
    """A chunk of which every frame was looked at. `faces`: those of frames, by `f` and their number in the video."""
    first = chunk * FRAMES
    found = {number: faces.get(f"f{number}", []) for number in range(first, first + FRAMES)}
    return Looked(chunk=chunk, found=found, cuts=[], first=DARK, last=DARK)


def face(box: Box = FACE, *, cells: Cells | None = None) -> Found:
    return Found(detection=Detection(box=box, score=0.9), cells=cells)


def linked_from(chunks: list[Looked]) -> Linked:
    return link_chunks(chunks.__getitem__, info=INFO, plan=PLAN, padding=0.15)


def covered(chunks: list[Looked]) -> list[list[int]]:
    """The pts of the frames with a cover, for each chunk."""
    linked = linked_from(chunks)
    return [sorted(map(int, it["boxes"])) for it in linked.covers]


def test_a_face_that_ends_with_a_chunk_is_covered_in_the_next_one() -> None:
    assert covered([looked(0, f9=[face()]), looked(1)]) == [[6, 7, 8, 9], [10, 11, 12]]


@pytest.mark.parametrize("frames", [[9], [9, 10], [4, 15], [8, 12], [0, 9, 10, 19]])
def test_the_boxes_on_both_sides_of_a_join_are_those_of_a_video_in_one_chunk(frames: list[int]) -> None:
    """The face moves across the join, so that boxes of other frames would differ."""
    faces = {f"f{it}": [face(replace(FACE, left=0.3 + it / 100, right=0.5 + it / 100))] for it in frames}
    whole = replace(PLAN, chunks=[replace(PLAN.chunks[0], end=None, frames=2 * FRAMES)])
    found = {number: faces.get(f"f{number}", []) for number in range(2 * FRAMES)}
    one = Looked(chunk=0, found=found, cuts=[], first=DARK, last=DARK)
    (alone,) = link_chunks([one].__getitem__, info=INFO, plan=whole, padding=0.15).covers
    first, second = linked_from([looked(0, **faces), looked(1, **faces)]).covers
    assert {**first["boxes"], **second["boxes"]} == alone["boxes"]
    assert alone["boxes"].keys() >= {str(it) for it in frames}


def test_a_cut_between_chunks_ends_a_cover() -> None:
    chunks = [looked(0, f9=[face()]), replace(looked(1), first=HALF_LIGHT, last=HALF_LIGHT)]
    assert covered(chunks) == [[6, 7, 8, 9], []]


def test_no_faces_are_no_covers() -> None:
    linked = linked_from([looked(0), looked(1)])
    assert (linked.tracks, list(linked.covers)) == (0, [{"boxes": {}, "cells": {}}] * 2)


def test_a_track_has_the_cells_of_its_largest_face_in_all_chunks() -> None:
    small, large = (Cells(style=Style.PIXELATE, planes=[[[level]], [[128]], [[128]]]) for level in (10, 20))
    wider = replace(FACE, right=0.62)
    chunks = [looked(0, f8=[face(cells=small)], f9=[face(wider, cells=large)]), looked(1)]
    linked = linked_from(chunks)
    assert [it["cells"] for it in linked.covers] == [{"0": large.as_json()}] * 2


def test_what_was_found_in_one_chunk_is_in_memory_at_a_time() -> None:
    cells = Cells(style=Style.PIXELATE, planes=[[[10]], [[128]], [[128]]])
    given: list[ref[Looked]] = []
    alive_before: list[int] = []

    def read(chunk: int) -> Looked:
        alive_before.append(sum(it() is not None for it in given[:-1]))
        made = looked(chunk, f9=[face(cells=cells)], f10=[face(cells=cells)])
        given.append(ref(made))
        return made

    linked = link_chunks(read, info=INFO, plan=PLAN, padding=0.15)
    assert [it["cells"] for it in linked.covers] == [{"0": cells.as_json()}] * 2
    assert alive_before == [0, 0, 0, 0]


def test_a_chunk_is_covered_when_it_is_asked_for() -> None:
    linked = linked_from([looked(0, f2=[face()]), looked(1, f17=[face()])])
    assert sorted(map(int, next(linked.covers)["boxes"])) == [0, 1, 2, 3, 4, 5]


@pytest.mark.parametrize("missing", [FRAMES, 2 * FRAMES - 1])
def test_a_chunk_whose_first_or_last_frame_nobody_looked_at_is_an_error(missing: int) -> None:
    second = looked(1)
    found = {number: there for number, there in second.found.items() if number != missing}
    with pytest.raises(ChunkMismatchError):
        linked_from([looked(0), replace(second, found=found)])


def test_the_detections_of_another_chunk_are_an_error() -> None:
    with pytest.raises(ChunkMismatchError):
        linked_from([looked(1), looked(1)])


def test_a_missing_chunk_is_an_error() -> None:
    with pytest.raises(IndexError):
        linked_from([looked(0)])
