"""The packets of a video's picture: what is there, without decoding any of it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import islice
from pathlib import Path

import av
from av.packet import Packet
from av.video.stream import VideoStream

from safelight_contracts.redaction.videos import DEFAULT_VIDEO_LIMITS, VideoLimits
from videokit.faults import VideoFault, VideoRejected
from videokit.info import VideoCodec
from videokit.opening import has_edits, opened, picture_of

# Types of NAL units that begin a picture from which decoding can start without anything earlier.
# H.264: ISO/IEC 14496-10, table 7-1. HEVC: ISO/IEC 23008-2, table 7-1, IDR_W_RADL and IDR_N_LP.
_IDR = {VideoCodec.H264: {5}, VideoCodec.HEVC: {19, 20}}
_H264_SLICES = range(1, 6)
_HEVC_SLICES = range(32)


@dataclass(frozen=True, kw_only=True)
class PicturePacket:
    """A packet with one frame.

    `pts`: when it is shown, and `duration`: for how long, in ticks.
    `is_key`: decoding can start here, as far as the container knows. `is_idr`: nothing earlier is needed for anything
    later. `is_hidden`: an edit list hides it.
    """

    pts: int
    duration: int
    is_key: bool
    is_idr: bool
    is_hidden: bool


def read_packets(path: Path, *, limits: VideoLimits = DEFAULT_VIDEO_LIMITS) -> Sequence[PicturePacket]:
    """Read all packets of the picture, in the order of decoding.

    `limits`: for their number and the time from the first one to the last. Default: as `VideoLimits` says.

    Raises
    ------
    VideoRejected
        NO_TIMESTAMPS, TOO_LARGE, or DAMAGED if packets that the container lists are missing.
    """
    with opened(path) as container:
        stream = picture_of(container)
        codec = VideoCodec(stream.codec_context.name)
        is_idr, early = _idr_test(stream, codec=codec), has_edits(container)
        try:
            found = (_read(it, is_idr=is_idr(it), hides_early=early) for it in container.demux(stream) if it.size)
            packets = list(islice(found, limits.max_frames + 1))
        except av.FFmpegError as error:
            raise VideoRejected(VideoFault.DAMAGED) from error
        listed, end = stream.frames, _end(stream)
        time_base = stream.time_base or Fraction(0)
    _validate_size(packets, time_base=time_base, limits=limits)
    # MP4 lists every frame. Matroska lists none. FFmpeg does not read all that an edit list hides.
    if len(packets) < max(1, listed) and _count_all(path) < max(1, listed):
        raise VideoRejected(VideoFault.DAMAGED, detail={"packets": len(packets), "listed": listed})
    if len({it.pts for it in packets if not it.is_hidden}) != sum(not it.is_hidden for it in packets):
        raise VideoRejected(VideoFault.NO_TIMESTAMPS)
    return packets if end is None else _ending(packets, end=end)


def _validate_size(packets: Sequence[PicturePacket], *, time_base: Fraction, limits: VideoLimits) -> None:
    if len(packets) > limits.max_frames:
        raise VideoRejected(VideoFault.TOO_LARGE, detail={"max_frames": limits.max_frames})
    times = [it.pts for it in packets]
    if times and (max(times) - min(times)) * time_base > limits.max_seconds:
        raise VideoRejected(VideoFault.TOO_LARGE, detail={"max_seconds": limits.max_seconds})


def _end(stream: VideoStream) -> int | None:
    return None if stream.duration is None else (stream.start_time or 0) + stream.duration


def _ending(packets: Sequence[PicturePacket], *, end: int) -> Sequence[PicturePacket]:
    """Let the last visible frame last until the end of the track.

    The durations in MP4 are those from one frame to the next in the order of decoding, and the edit list can end while
    a frame is shown.
    """
    last = max((it.pts for it in packets if not it.is_hidden), default=end)
    return [replace(it, duration=end - last) if it.pts == last and last < end else it for it in packets]


def _count_all(path: Path) -> int:
    with opened(path, options={"ignore_editlist": "1"}) as container:
        return sum(bool(it.size) for it in container.demux(picture_of(container)))


def _read(packet: "Packet[VideoStream]", *, is_idr: bool, hides_early: bool) -> PicturePacket:
    if packet.pts is None:
        raise VideoRejected(VideoFault.NO_TIMESTAMPS)
    if packet.is_corrupt:
        raise VideoRejected(VideoFault.DAMAGED)
    return PicturePacket(
        pts=packet.pts,
        duration=packet.duration or 0,
        is_key=packet.is_keyframe,
        is_idr=packet.is_keyframe and is_idr,
        is_hidden=packet.is_discard or (packet.pts < 0 and hides_early),
    )


def _idr_test(stream: VideoStream, *, codec: VideoCodec) -> Callable[["Packet[VideoStream]"], bool]:
    extradata = stream.codec_context.extradata or b""
    # avcC and hvcC begin with 1. Anything else is a byte stream with start codes.
    in_lengths = extradata[:1] == b"\x01"
    at = 4 if codec is VideoCodec.H264 else 21
    length_size = (extradata[at] & 3) + 1 if in_lengths and len(extradata) > at else 0

    def test(packet: "Packet[VideoStream]") -> bool:
        return packet.is_keyframe and _first_slice(bytes(packet), length_size=length_size, codec=codec) in _IDR[codec]

    return test


def _first_slice(data: bytes, *, length_size: int, codec: VideoCodec) -> int | None:
    """Return the type of the first NAL unit with a slice."""
    slices = _H264_SLICES if codec is VideoCodec.H264 else _HEVC_SLICES
    at = 0
    while at < len(data):
        if length_size:
            start = at + length_size
            end = start + int.from_bytes(data[at:start], "big")
        else:
            code = data.find(b"\x00\x00\x01", at)
            if code < 0:
                return None
            start = code + 3
            end = start + 1
        if start >= len(data):
            return None
        kind = data[start] & 0x1F if codec is VideoCodec.H264 else data[start] >> 1 & 0x3F
        if kind in slices:
            return kind
        at = end
    return None
