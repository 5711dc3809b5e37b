"""What is kept for the review of one redacted copy, and where.

A redaction has a private bucket for it. The objects of a copy are under ``reviews/``, in a folder with the SHA-256 of
the copy's key as its name. They show where something was covered, and contact sheets show it uncovered: only people
who may see the source may see them.

Each object has the same metadata of its source as the copy, so that a reader can tell whether it is of this copy:
another upload may be redacted right now.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import Any

from safelight_contracts.redaction.boxes import BoxKind
from safelight_contracts.redaction.service import MADE_FROM
from safelight_contracts.redaction.videos import identity_of

REVIEWS = "reviews/"
"""What the keys of all reviews begin with."""

SHEET_COLUMNS, SHEET_ROWS = 4, 3
"""The grid of a contact sheet. A video with fewer frames fills only the first places."""

MAX_SHEET_WIDTH = 1_600
"""Of a contact sheet, in pixels."""

MAX_VIDEO_BOXES = 200_000
"""The most boxes that are kept of a video: 6 MB. Of a video with more, not all frames are kept."""


def review_prefix(destination_key: str) -> str:
    """Return what the keys of the review of a copy begin with."""
    return f"{REVIEWS}{sha256(destination_key.encode()).hexdigest()}/"


def boxes_key(destination_key: str) -> str:
    """Return the key of the boxes of a copy: a `PhotoReview` or a `VideoReview` as JSON."""
    return f"{review_prefix(destination_key)}boxes.json"


def before_key(destination_key: str) -> str:
    """Return the key of the JPEG with frames of the source, in which the boxes are drawn. It may be missing."""
    return f"{review_prefix(destination_key)}before.jpg"


def after_key(destination_key: str) -> str:
    """Return the key of the JPEG with the same frames of the redacted video. It may be missing."""
    return f"{review_prefix(destination_key)}after.jpg"


@dataclass(frozen=True, kw_only=True)
class PhotoBox:
    """What was covered in a photograph: whole pixels of the upright image, at least one, none outside of it.

    `confidence`: the detector's, in percent.
    """

    kind: BoxKind
    left: int
    top: int
    width: int
    height: int
    confidence: float


@dataclass(frozen=True, kw_only=True)
class PhotoReview:
    """The boxes of a redacted photograph.

    Parameters
    ----------
    made_from
        What `safelight_contracts.redaction.service.ServiceSettings.made_from` gives for the source.
    width, height
        Of the upright image, in pixels.
    boxes
        In the order of the detector.
    """

    made_from: str
    width: int
    height: int
    boxes: Sequence[PhotoBox]

    @property
    def metadata(self) -> dict[str, str]:
        """What the metadata of the copy and of the review have in common."""
        return {MADE_FROM: self.made_from}

    def is_of(self, metadata: Mapping[str, str]) -> bool:
        """Decide by the metadata of a copy whether this is its review."""
        return self.metadata.items() <= metadata.items()

    def as_json(self) -> dict[str, Any]:
        """Return the review as `from_json` reads it."""
        return {
            "madeFrom": self.made_from,
            "width": self.width,
            "height": self.height,
            "boxes": [asdict(box) for box in self.boxes],
        }

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> "PhotoReview":
        """Read what `as_json` returned."""
        return cls(
            made_from=told["madeFrom"],
            width=told["width"],
            height=told["height"],
            boxes=[PhotoBox(**it | {"kind": BoxKind(it["kind"])}) for it in told["boxes"]],
        )


@dataclass(frozen=True, kw_only=True)
class TrackBox:
    """What was covered in one frame: whole pixels of the upright frame, at least one, none outside of it.

    `track`: the number of the face that is followed, from 0. `right`, `bottom`: the first ones outside.
    """

    track: int
    left: int
    top: int
    right: int
    bottom: int


@dataclass(frozen=True, kw_only=True)
class FrameBoxes:
    """The boxes of one frame. `seconds`: since the first frame."""

    seconds: float
    boxes: Sequence[TrackBox]


@dataclass(frozen=True, kw_only=True)
class VideoReview:
    """The boxes of a redacted video.

    Parameters
    ----------
    etag, version_id
        The source's. An object in a bucket without versions has no version id.
    redaction
        What `safelight_contracts.redaction.videos.generation_of` gives for the settings.
    width, height
        Of the upright frame, in pixels. If its pixels are not square, a player shows another width.
    tracks
        How many faces were followed.
    every
        Of the frames with boxes, every how many-th is in `frames`: 1, unless there are more than `MAX_VIDEO_BOXES`.
    frames
        In the order of display.
    """

    etag: str
    version_id: str | None
    redaction: str
    width: int
    height: int
    tracks: int
    every: int
    frames: Sequence[FrameBoxes]

    @property
    def metadata(self) -> dict[str, str]:
        """What the metadata of the copy, of the boxes and of the contact sheets have in common."""
        return identity_of(etag=self.etag, version_id=self.version_id, redaction=self.redaction)

    def is_of(self, metadata: Mapping[str, str]) -> bool:
        """Decide by the metadata of a copy, or of a contact sheet, whether it belongs to this review."""
        return self.metadata.items() <= metadata.items()

    def as_json(self) -> dict[str, Any]:
        """Return the review as `from_json` reads it."""
        return {
            "etag": self.etag,
            "versionId": self.version_id,
            "redaction": self.redaction,
            "width": self.width,
            "height": self.height,
            "tracks": self.tracks,
            "every": self.every,
            "frames": [
                [frame.seconds, [[it.track, it.left, it.top, it.right, it.bottom] for it in frame.boxes]]
                for frame in self.frames
            ],
        }

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> "VideoReview":
        """Read what `as_json` returned."""
        return cls(
            etag=told["etag"],
            version_id=told["versionId"],
            redaction=told["redaction"],
            width=told["width"],
            height=told["height"],
            tracks=told["tracks"],
            every=told["every"],
            frames=[
                FrameBoxes(
                    seconds=seconds,
                    boxes=[
                        TrackBox(track=track, left=left, top=top, right=right, bottom=bottom)
                        for track, left, top, right, bottom in boxes
                    ],
                )
                for seconds, boxes in told["frames"]
            ],
        )
