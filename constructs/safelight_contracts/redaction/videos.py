"""What the redaction of videos is told, and what it says on objects that it writes."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from hashlib import sha256

from safelight_contracts.arguments import validated_fields
from safelight_contracts.redaction.styles import Style

_KINDS = ("mp4", "mov", "m4v", "mkv")

VIDEO_SUFFIXES = tuple(f".{write(kind)}" for write in (str.lower, str.upper, str.capitalize) for kind in _KINDS)
"""What the keys of videos end with. Cameras and phones write capitals, and some programs ``.Mp4``.

EventBridge ignores the case of a suffix, but not together with a prefix."""

SETTINGS_VARIABLE = "VIDEO_REDACTION"
"""The environment variable of `VideoSettings`."""

WORK = "work/"
"""What the keys of the private files of executions begin with. They expire; the reviews beside them do not."""

SOURCE = "safelight-source"
REDACTION = "safelight-redaction"
UPLOAD = "safelight-upload"
EXECUTION = "safelight-execution"
"""Metadata of a redacted object: `source_of` its source, what `generation_of` gives, the upload's padded sequencer, and
which execution wrote it. The same bytes uploaded again have the same source in a bucket without versions."""

# What S3 accepts in one PutObject ("Amazon S3 multipart upload limits") is 5 GB. A function joins in 10,240 MB of
# storage, which holds the source, its redacted chunks and the joined video.
_MAX_BYTES = 3_000_000_000


@validated_fields
@dataclass(frozen=True, kw_only=True)
class VideoLimits:
    """Limits of the videos that are redacted. What exceeds one is rejected.

    Parameters
    ----------
    max_bytes
        Of the file, 1 to 3,000,000,000. Default: 3,000,000,000.
    max_pixels
        Of one frame. Default: 3840 x 2160.
    max_seconds
        Default: two hours.
    max_frames
        Default: two hours at 60 frames a second.

    Raises
    ------
    ValueError
        If a limit is out of range.
    """

    max_bytes: int = _MAX_BYTES
    max_pixels: int = 3840 * 2160
    max_seconds: int = 7_200
    max_frames: int = 432_000

    def __post_init__(self) -> None:
        for name, value in asdict(self).items():
            if value < 1:
                raise ValueError(f"VideoLimits: {name}={value} must be at least 1.")
        if self.max_bytes > _MAX_BYTES:
            raise ValueError(
                f"VideoLimits: max_bytes={self.max_bytes} must be at most {_MAX_BYTES:,}, because a function has "
                "10,240 MB of storage for the source, its chunks and the result."
            )


DEFAULT_VIDEO_LIMITS = VideoLimits()


@dataclass(frozen=True, kw_only=True)
class VideoSettings:
    """Settings of the functions that redact videos.

    Parameters
    ----------
    destination_bucket, destination_prefix
        Where redacted videos go. Their keys are the prefix and the key of the source.
    work_bucket
        The private bucket of plans, detections and chunks, and of the reviews of redacted videos.
    style
        How a face is covered.
    padding
        How far each side of a box is moved outwards, as a part of the box's width or height.
    limits
        Limits of a video.
    """

    destination_bucket: str
    destination_prefix: str
    work_bucket: str
    style: Style
    padding: float
    limits: VideoLimits


def source_of(*, etag: str, version_id: str | None) -> str:
    """Return a name of a source: 32 hexadecimal digits that do not reveal its ETag, which can be the MD5 of its bytes.

    Parameters
    ----------
    etag
        Without quotes.
    version_id
        None in a bucket without versions.
    """
    return sha256(json.dumps([etag, version_id]).encode()).hexdigest()[:32]


def identity_of(*, etag: str, version_id: str | None, redaction: str) -> dict[str, str]:
    """Return the metadata that all objects of one redaction of one source have in common.

    Parameters
    ----------
    etag, version_id
        As for `source_of`.
    redaction
        What `generation_of` gives.
    """
    return {SOURCE: source_of(etag=etag, version_id=version_id), REDACTION: redaction}


def generation_of(settings: VideoSettings) -> str:
    """Return a short text that changes with how videos are redacted."""
    meaning = [settings.style.value, settings.padding]
    return sha256(json.dumps(meaning).encode()).hexdigest()[:8]


def settings_to_environment(settings: VideoSettings) -> dict[str, str]:
    """Write settings as an environment variable."""
    return {SETTINGS_VARIABLE: json.dumps(asdict(settings), separators=(",", ":"))}


def settings_from_environment(environment: Mapping[str, str]) -> VideoSettings:
    """Read what `settings_to_environment` wrote."""
    given = json.loads(environment[SETTINGS_VARIABLE])
    return VideoSettings(**given | {"style": Style(given["style"]), "limits": VideoLimits(**given["limits"])})
