"""The packets of a video's sound, which are copied and never encoded again."""

from collections.abc import Iterator

import av
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.packet import Packet

from videokit.faults import VideoFault, VideoRejected


def sound_of(container: InputContainer) -> AudioStream | None:
    """Return the stream of sound that players choose, or None."""
    streams = container.streams.audio
    if not streams:
        return None
    return next((it for it in streams if it.disposition & av.stream.Disposition.default), streams[0])


def sound_packets(container: InputContainer, *, stream: AudioStream) -> Iterator[Packet[AudioStream]]:
    """Demux the packets that viewers hear, and the one before the first of them.

    A decoder of AAC needs the packet before, which encoders put there as priming. Its time is negative, so that players
    do not play it. Of a trimmed clip it holds what the edit list hides: 1,024 samples at most. All else that is hidden
    is left out.

    Raises
    ------
    VideoRejected
        DAMAGED, if a packet cannot be read or has no time.
    """
    before: Packet[AudioStream] | None = None
    heard = False
    try:
        for packet in container.demux(stream):
            if not packet.size:
                continue
            if packet.pts is None or packet.dts is None or packet.is_corrupt:
                raise VideoRejected(VideoFault.DAMAGED)
            if packet.is_discard:
                before = packet
                continue
            if before is not None and not heard:
                yield before
            heard = True
            yield packet
    except av.FFmpegError as error:
        raise VideoRejected(VideoFault.DAMAGED) from error
