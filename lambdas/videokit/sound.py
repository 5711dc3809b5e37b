"""The packets of a video's sound, which are copied and never encoded again."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import cast

import av
from av.audio.codeccontext import AudioCodecContext
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.packet import Packet
from av.stream import Disposition

from videokit.edits import edit_of
from videokit.faults import VideoFault, VideoRejected
from videokit.opening import opened, pass_over_others

# Samples that encoders put before the first one, and hide by an edit list. AAC: FFmpeg, FDK, Apple (TN2258), and those
# of HE-AAC, which counts at half the rate. MP3: LAME's, with the decoder's delay. AC-3: half a transform.
_PRIMING: Mapping[str, Collection[int]] = {
    "aac": {1024, 2048, 2112, 4096, 4224},
    "mp3": {1105},
    "ac3": {256},
    "eac3": {256},
}
# A packet of any other codec also holds the beginning of what follows: transforms overlap by up to a packet.
_EXACT = ("pcm_", "alac", "flac")
# The duration of an edit counts ticks of the movie: 600 a second in QuickTime.
_ROUNDING_SECONDS = Fraction(1, 500)
_WHOLE = {"ignore_editlist": "1"}


def sound_of(container: InputContainer) -> AudioStream | None:
    """Return the stream of sound that players choose, or None if there is no sound.

    A stream of an unknown codec is passed over, such as the second, spatial one that phones record.

    Raises
    ------
    VideoRejected
        UNSUPPORTED_SOUND, if there is no other.
    """
    streams = container.streams.audio
    if not streams:
        return None
    # PyAV's types do not say that an unknown codec has no context.
    known = [it for it in streams if cast("object | None", it.codec_context) is not None]
    if not known:
        raise VideoRejected(VideoFault.UNSUPPORTED_SOUND)
    return next((it for it in known if it.disposition & Disposition.default), known[0])


def sound_packets(path: Path) -> "Iterator[Packet[AudioStream]]":
    """Demux the packets that viewers hear, and the priming before them. Without sound, there are none.

    Encoders put samples before the start, without which a decoder cannot make the first sound. Their time is negative,
    so that players do not play them. If an edit list hides another number of samples than encoders put there, the video
    was trimmed, and what it hides is left out with every packet that holds any of it. So is the end, if an edit list
    hides more than the rest of the last packet, with which encoders fill it up. A trimmed video starts and ends with up
    to two packets of silence. All other packets keep their time.

    Raises
    ------
    VideoRejected
        DAMAGED, if a packet cannot be read or has no time.
    """
    shown = _shown(path)
    with opened(path) as container:
        for packet in _demuxed(container):
            if shown is None:
                yield packet
            elif (stored := shown.stored_of(packet)) is not None:
                # FFmpeg shortens the last packet by what the edit list hides, or by the pause before the first.
                packet.duration = stored.duration
                yield packet


def is_end_of_sound_hidden(path: Path) -> bool:
    """Decide whether an edit list hides more at the end than the rest of the last packet.

    Raises
    ------
    VideoRejected
        As `sound_packets` does.
    """
    shown = _shown(path)
    return shown is not None and shown.end is not None


def stored_packets(path: Path) -> int:
    """Return how many packets of sound a file has, hidden ones among them.

    Raises
    ------
    VideoRejected
        As `sound_packets` does.
    """
    with opened(path, options=_WHOLE) as container:
        return sum(1 for _ in _demuxed(container))


@dataclass(frozen=True, kw_only=True)
class _Stored:
    """A packet of the track, without its edit list: when it starts, and how long it lasts, in ticks."""

    start: int
    duration: int


@dataclass(frozen=True, kw_only=True)
class _Shown:
    """What an edit list shows of the sound.

    `start`, `end`: in ticks of the track, or None if all from the priming on, or all to the end, is heard. `overlap`:
    how many packets a packet reaches into what follows. `stored`: the packets by their place in the file.
    """

    start: int | None
    end: int | None
    overlap: int
    stored: Mapping[int | None, _Stored]

    def stored_of(self, packet: "Packet[AudioStream]") -> _Stored | None:
        """Return the packet as it is stored, or None if it holds anything that is hidden."""
        stored = self.stored.get(packet.pos)
        if stored is None or (self.start is not None and stored.start < self.start):
            return None
        is_heard = self.end is None or stored.start + stored.duration * (1 + self.overlap) <= self.end
        return stored if is_heard else None


def _shown(path: Path) -> _Shown | None:
    """Return what is shown, or None if all is."""
    with opened(path) as container:
        stream = sound_of(container)
        edit = None if stream is None else edit_of(path, track=stream.id)
        if stream is None or edit is None or not stream.time_base:
            return None
        tick, codec = stream.time_base, stream.codec_context
        has_priming = edit.start * tick * codec.sample_rate in _priming(codec)
    stored = _stored(path)
    is_exact = codec.codec.canonical_name.startswith(_EXACT)
    end = None if edit.seconds is None else edit.start + int(edit.seconds / tick)
    last = max(stored.values(), key=lambda it: it.start, default=_Stored(start=0, duration=0))
    filled = last.start + last.duration - _ROUNDING_SECONDS / tick if is_exact else last.start + 1
    return _Shown(
        start=None if has_priming else edit.start,
        end=end if end is not None and end < filled else None,
        overlap=0 if is_exact else 1,
        stored=stored,
    )


def _priming(codec: AudioCodecContext) -> Collection[int]:
    """Return how many samples of priming a stream can have."""
    head = codec.extradata or b""
    # RFC 7845, section 5.1: the pre-skip of Opus.
    return (
        {int.from_bytes(head[10:12], "little")}
        if head[:8] == b"OpusHead"
        else _PRIMING.get(codec.codec.canonical_name, ())
    )


def _stored(path: Path) -> Mapping[int | None, _Stored]:
    with opened(path, options=_WHOLE) as container:
        return {it.pos: _Stored(start=it.pts or 0, duration=it.duration or 0) for it in _demuxed(container)}


def _demuxed(container: InputContainer) -> "Iterator[Packet[AudioStream]]":
    """Demux the packets of sound, and let the demuxer pass over all others."""
    sound = sound_of(container)
    if sound is None:
        return
    pass_over_others(container, kept=sound)
    try:
        for packet in container.demux(sound):
            if not packet.size:
                continue
            if packet.pts is None or packet.is_corrupt:
                raise VideoRejected(VideoFault.DAMAGED)
            yield packet
    except av.FFmpegError as error:
        raise VideoRejected(VideoFault.DAMAGED) from error
