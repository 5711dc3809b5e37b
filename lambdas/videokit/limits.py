"""How large a video can be."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class VideoLimits:
    """Limits of what is redacted. What exceeds one is rejected.

    Parameters
    ----------
    max_pixels
        Of one frame. Default: 3840 x 2160.
    max_seconds
        Default: two hours.
    max_frames
        Default: two hours at 60 frames a second.
    """

    max_pixels: int = 3840 * 2160
    max_seconds: int = 7_200
    max_frames: int = 432_000


DEFAULT_LIMITS = VideoLimits()
