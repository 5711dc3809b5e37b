"""What is known of a video before any of it is decoded further than its first frame."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from fractions import Fraction
from typing import Any


class Container(StrEnum):
    """The containers that are read and written."""

    MP4 = "mp4"
    MOV = "mov"
    MKV = "matroska"


class VideoCodec(StrEnum):
    """The codecs that are read."""

    H264 = "h264"
    HEVC = "hevc"


@dataclass(frozen=True, kw_only=True)
class VideoInfo:
    """A video's picture.

    Parameters
    ----------
    container, codec
        How it is stored.
    width, height
        Pixels of a stored frame, before its rotation.
    orientation
        How a stored frame is turned for display: 1 to 8, as EXIF numbers them.
    matrix
        The display matrix, 9 numbers of ISO/IEC 14496-12, or None if there is none.
    pixel_format
        FFmpeg's name.
    sample_aspect_ratio
        Width of a pixel over its height, or None if unknown.
    time_base
        Seconds of one tick. All timestamps count ticks.
    frame_rate
        Frames a second, on average.
    color_range, color_primaries, color_transfer, color_matrix
        Code points of ISO/IEC 23091-2, except the range, which is FFmpeg's: 1 is limited, 2 is full.
    """

    container: Container
    codec: VideoCodec
    width: int
    height: int
    orientation: int
    matrix: tuple[int, ...] | None
    pixel_format: str
    sample_aspect_ratio: Fraction | None
    time_base: Fraction
    frame_rate: Fraction
    color_range: int
    color_primaries: int
    color_transfer: int
    color_matrix: int

    def as_json(self) -> dict[str, Any]:
        """Return the information as `from_json` reads it. Fractions are texts."""
        told = asdict(self)
        return {name: str(value) if isinstance(value, Fraction) else value for name, value in told.items()}

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> "VideoInfo":
        """Read what `as_json` returned."""
        ratio = told["sample_aspect_ratio"]
        changed = {
            "container": Container(told["container"]),
            "codec": VideoCodec(told["codec"]),
            "matrix": None if told["matrix"] is None else tuple(told["matrix"]),
            "sample_aspect_ratio": None if ratio is None else Fraction(ratio),
            "time_base": Fraction(told["time_base"]),
            "frame_rate": Fraction(told["frame_rate"]),
        }
        return cls(**{**told, **changed})
