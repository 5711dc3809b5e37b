"""How MP4, MOV and Matroska files are written."""

from math import lcm

from videokit.info import Container, VideoInfo

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
