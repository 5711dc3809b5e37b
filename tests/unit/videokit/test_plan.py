"""How a video is divided into chunks."""

import json
from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from videokit.faults import VideoFault, VideoRejected
from videokit.packets import PicturePacket
from videokit.plan import Plan, plan


def packet(pts: int, *, key: bool = False, idr: bool = False, hidden: bool = False) -> PicturePacket:
    return PicturePacket(pts=pts, duration=10, is_key=key or idr, is_idr=idr, is_hidden=hidden)


@st.composite
def films(draw: st.DrawFn) -> Sequence[PicturePacket]:
    """Make packets in the order of decoding: groups that start with a key frame, some with leading pictures."""
    packets, at = [], draw(st.integers(-50, 50))
    for number in range(draw(st.integers(1, 6))):
        leading = [] if number == 0 else [at + 10 * i for i in range(draw(st.integers(0, 2)))]
        at += 10 * len(leading)
        packets.append(packet(at, key=True, idr=not leading))
        packets.extend(map(packet, leading))
        for _ in range(draw(st.integers(0, 8))):
            at += draw(st.integers(1, 30))
            packets.append(packet(at))
        at += 10
    hidden_until = draw(st.integers(-60, 60))
    return [packet(it.pts, key=it.is_key, idr=it.is_idr, hidden=it.pts < hidden_until) for it in packets]


@given(films(), st.integers(0, 200))
def test_each_visible_frame_is_in_one_chunk(packets: Sequence[PicturePacket], min_ticks: int) -> None:
    shown = sorted(it.pts for it in packets if not it.is_hidden)
    if not shown:
        return
    made = plan(packets, min_ticks=min_ticks)
    assert [it.pts for it in made.frames] == shown
    assert [it.number for it in made.chunks] == list(range(len(made.chunks)))
    assert [pts.pts for chunk in made.chunks for pts in made.frames_of(chunk)] == shown
    for chunk in made.chunks:
        own = [it.pts for it in made.frames_of(chunk)]
        assert own == [pts for pts in shown if pts >= chunk.start and (chunk.end is None or pts < chunk.end)]


@given(films(), st.integers(0, 200))
def test_decoding_starts_at_a_key_frame_that_needs_no_earlier_one(
    packets: Sequence[PicturePacket], min_ticks: int
) -> None:
    if all(it.is_hidden for it in packets):
        return
    keys = [it for it in packets if it.is_key]
    for chunk in plan(packets, min_ticks=min_ticks).chunks:
        (start,) = (it for it in keys if it.pts == chunk.decode_from)
        later = [it for it in keys if start.pts < it.pts <= chunk.start]
        assert start.pts <= chunk.start
        # Frames of the chunk can need what is before a key frame that is no IDR picture.
        assert start.is_idr or later or start is keys[0]


@given(films(), st.integers(1, 200))
def test_chunks_are_as_long_as_asked_unless_key_frames_are_rare(
    packets: Sequence[PicturePacket], min_ticks: int
) -> None:
    if all(it.is_hidden for it in packets):
        return
    made = plan(packets, min_ticks=min_ticks)
    longest = max((later.pts - earlier.pts for earlier, later in pairwise(made.frames)), default=0)
    for chunk, after in pairwise(made.chunks):
        assert min_ticks <= after.start - chunk.start <= 3 * min_ticks + longest


@given(films())
def test_frames_last_until_the_next_one(packets: Sequence[PicturePacket]) -> None:
    if all(it.is_hidden for it in packets):
        return
    frames = plan(packets, min_ticks=1).frames
    assert all(one.pts + one.duration == other.pts for one, other in pairwise(frames))


@given(films(), st.integers(0, 200))
def test_a_plan_passes_json(packets: Sequence[PicturePacket], min_ticks: int) -> None:
    if all(it.is_hidden for it in packets):
        return
    made = plan(packets, min_ticks=min_ticks)
    assert Plan.from_json(json.loads(json.dumps(made.as_json()))) == made


@pytest.mark.parametrize("packets", [[], [packet(0)], [packet(0, idr=True, hidden=True)]])
def test_a_film_that_shows_nothing_is_damaged(packets: Sequence[PicturePacket]) -> None:
    with pytest.raises(VideoRejected) as caught:
        plan(packets, min_ticks=1)
    assert caught.value.reason is VideoFault.DAMAGED


def test_frames_before_the_first_key_frame_belong_to_no_chunk() -> None:
    made = plan([packet(20, key=True), packet(0), packet(10), packet(30)], min_ticks=1)
    assert [it.pts for it in made.frames] == [20, 30]
