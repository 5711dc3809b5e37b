"""The limits of a video as the engine takes them."""

from safelight_contracts.redaction.videos import VideoLimits
from videokit.limits import VideoLimits as EngineLimits


def engine_limits(limits: VideoLimits) -> EngineLimits:
    """Return the limits without that of the bytes, which is checked before a video is read."""
    return EngineLimits(max_pixels=limits.max_pixels, max_seconds=limits.max_seconds, max_frames=limits.max_frames)
