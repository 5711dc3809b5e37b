"""Plan a video from its file."""

from pathlib import Path

from safelight_contracts.redaction.videos import DEFAULT_VIDEO_LIMITS, VideoLimits
from videokit.info import VideoInfo
from videokit.packets import read_packets
from videokit.plan import Plan, plan


def plan_of(path: Path, *, info: VideoInfo, seconds: float, limits: VideoLimits = DEFAULT_VIDEO_LIMITS) -> Plan:
    """Read a video's packets, and cut it into chunks of at least so many seconds.

    Raises
    ------
    VideoRejected
        As `read_packets` and `plan` do.
    """
    return plan(read_packets(path, limits=limits), min_ticks=round(seconds / info.time_base))
