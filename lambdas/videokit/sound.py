"""The packets of a video's sound, which are copied and never encoded again."""

from collections.abc import Iterator, Sequence
from typing import TypeAlias, cast

import av
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.packet import Packet

from videokit.faults import VideoFault, VideoRejected
from videokit.opening import has_edits

_Packets: TypeAlias = "Sequence[Packet[AudioStream]]"

# Opus primes with 80 ms (RFC 7845), HE-AAC with up to 94 ms (Apple TN2258: 2,112 samples at half the rate).
_MAX_PRIMING_SECONDS = 0.1


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
    return next((it for it in known if it.disposition & av.stream.Disposition.default), known[0])


def sound_packets(container: InputContainer, *, stream: AudioStream) -> Iterator["Packet[AudioStream]"]:
    """Demux the packets that viewers hear, and the priming before them.

    Encoders put up to a tenth of a second of packets before the start, without which a decoder cannot make the first
    sound. Their time is negative, so that players do not play them. If an edit list hides more than that, the video was
    trimmed, and all packets that it hides wholly are left out. The first packet is then faded in by the decoder, and
    can hold samples before the start: 1,023 at most in AAC.

    Raises
    ------
    VideoRejected
        DAMAGED, if a packet cannot be read or has no time.
    """
    hidden: list[Packet[AudioStream]] = []
    heard, early = False, has_edits(container)
    try:
        for packet in container.demux(stream):
            if not packet.size:
                continue
            if packet.pts is None or packet.is_corrupt:
                raise VideoRejected(VideoFault.DAMAGED)
            if packet.is_discard or (early and packet.pts + (packet.duration or 0) <= 0):
                hidden.append(packet)
                continue
            if not heard:
                heard = True
                yield from _priming(hidden, first=packet)
                hidden.clear()
            yield packet
    except av.FFmpegError as error:
        raise VideoRejected(VideoFault.DAMAGED) from error


def _priming(
    hidden: "Sequence[Packet[AudioStream]]", *, first: "Packet[AudioStream]"
) -> "Sequence[Packet[AudioStream]]":
    if not hidden:
        return []
    seconds = float(((first.pts or 0) - (hidden[0].pts or 0)) * first.time_base)
    return hidden if seconds <= _MAX_PRIMING_SECONDS else []
