"""What can be wrong with a video."""

from collections.abc import Mapping
from enum import StrEnum


class VideoFault(StrEnum):
    """Why a video is not redacted; each value is a reason in what is recorded of it."""

    NOT_A_VIDEO = "NOT_A_VIDEO"
    """No container that can be read, or no moving picture in it."""
    UNSUPPORTED_CONTAINER = "UNSUPPORTED_CONTAINER"
    """Neither MP4, MOV nor Matroska, a MOV with a compressed header, or Matroska that does not count milliseconds."""
    UNSUPPORTED_CODEC = "UNSUPPORTED_CODEC"
    HIGH_BIT_DEPTH = "HIGH_BIT_DEPTH"
    """More than 8 bits a sample. The output has 8, and would show other colours."""
    HDR = "HDR"
    """PQ or HLG. 8 bits with such a tag show banding and other colours."""
    INTERLACED = "INTERLACED"
    EDITED = "EDITED"
    """An edit list shows several pieces of the picture or of the sound, and the output would show other times. Or it
    hides the end of a film in fragments, which some players show."""
    ENCRYPTED = "ENCRYPTED"
    TOO_LARGE = "TOO_LARGE"
    """More pixels a frame, frames or seconds than the limits allow."""
    KEY_FRAMES_TOO_FAR = "KEY_FRAMES_TOO_FAR"
    """So many frames depend on one another that a function cannot decode them in its time."""
    NO_TIMESTAMPS = "NO_TIMESTAMPS"
    """Frames without a timestamp, or two of one timestamp."""
    ODD_ROTATION = "ODD_ROTATION"
    """A display matrix other than the eight quarter turns and mirrors."""
    ODD_PIXELS = "ODD_PIXELS"
    """Pixels that are more than four times as wide as high, or as high as wide."""
    CROPPED = "CROPPED"
    """The container, not the bit stream, cuts parts off the frames: a clean aperture or PixelCrop."""
    SIZE_CHANGES = "SIZE_CHANGES"
    """The frames have several sizes or pixel formats."""
    UNSUPPORTED_SOUND = "UNSUPPORTED_SOUND"
    """FFmpeg knows the codec of no sound, or cannot write the one that players choose into the container."""
    DAMAGED = "DAMAGED"
    """Packets or frames are missing, or cannot be decoded."""


class VideoRejected(Exception):  # noqa: N818 - a rejection is an answer, not an error
    """A video cannot be redacted.

    `detail`: Small values that JSON can hold, such as the exceeded limit. Default: empty.
    """

    def __init__(self, reason: VideoFault, *, detail: Mapping[str, object] | None = None) -> None:
        super().__init__(str(reason))
        self.reason = reason
        self.detail = dict(detail or {})


class ChunkMismatchError(Exception):
    """A chunk is not what its plan says. It can be made again.

    The message says what differs, in numbers and never in contents.
    """


class OutputFault(StrEnum):
    """What is wrong with a redacted video. It must not reach anybody."""

    UNREADABLE = "UNREADABLE"
    STREAMS = "STREAMS"
    """Not one picture and, if the source has one, one sound."""
    PICTURE = "PICTURE"
    """The size, the rotation, the colour tags or the unit of time is not the source's."""
    NO_IDR = "NO_IDR"
    """It starts with a picture that needs others."""
    FRAME_COUNT = "FRAME_COUNT"
    TIMESTAMPS = "TIMESTAMPS"
    """A frame starts or the last one ends at another time than in the source."""
    SOUND = "SOUND"
    """Packets of sound are not the source's."""
    UNDECODABLE = "UNDECODABLE"


class OutputInvalidError(Exception):
    """A redacted video or chunk is not what it must be. It can be made again.

    `detail`: small values that JSON can hold. Default: empty.
    """

    def __init__(self, fault: OutputFault, *, detail: Mapping[str, object] | None = None) -> None:
        super().__init__(f"{fault} {dict(detail or {})}")
        self.fault = fault
        self.detail = dict(detail or {})
