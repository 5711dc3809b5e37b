"""How MP4, MOV and Matroska files are written."""

from io import BytesIO
from math import lcm

import av
from av.audio.stream import AudioStream
from av.video.stream import VideoStream

from videokit.info import Container, VideoInfo

UNWRITABLE = (av.ArgumentError, av.InvalidDataError)
"""What a muxer raises for times that fall, or that its container cannot hold."""

# Movies count time in 32 bits.
_MAX_SCALE = 2**31 - 1


def muxer_options(container: Container, *, info: VideoInfo, sound_ticks: int = 1) -> dict[str, str]:
    """Return the options with which a muxer keeps all timestamps.

    Matroska has none: it counts milliseconds. In MP4 and MOV the edit list counts ticks of the movie, so that these
    must divide those of the picture and of the sound.

    `sound_ticks`: ticks a second of the sound. Default: there is no sound.
    """
    if container is Container.MKV:
        return {}
    ticks = info.time_base.denominator
    common = lcm(ticks, sound_ticks)
    return {
        "video_track_timescale": str(ticks),
        "movie_timescale": str(common if common <= _MAX_SCALE else ticks),
        "movflags": "+faststart",
    }


def header_of(picture: VideoStream) -> bytes:
    """Return the header of an MP4 with such a picture and no packets."""
    header = BytesIO()
    with av.open(header, "w", format=Container.MP4.value, options={"movflags": "+empty_moov"}) as output:
        output.add_stream_from_template(picture)
        output.start_encoding()
    return header.getvalue()


def can_hold(container: Container, sound: AudioStream) -> bool:
    """Decide whether the muxer of a container knows how to store the codec of a stream."""
    with av.open(BytesIO(), "w", format=container.value) as output:
        try:
            output.add_stream_from_template(sound)
        except ValueError:
            return False
    return True
