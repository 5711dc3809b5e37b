"""Find phrases in the lines and words that Rekognition reads, and where they are."""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from unicodedata import normalize

from awskit.boxes import MAX_BOXES, box_entry
from awskit.rekognition.boxes import box_of
from imagekit.geometry import Box

if TYPE_CHECKING:
    from mypy_boto3_rekognition.type_defs import TextDetectionTypeDef


@dataclass(frozen=True, kw_only=True)
class Reading:
    """One line of an image as a sequence of detections: the line itself, or its words."""

    detections: Sequence["TextDetectionTypeDef"]

    def detections_of(self, phrase: str) -> Sequence["TextDetectionTypeDef"]:
        """Return the detections that a phrase is in. Empty if the line does not contain the phrase.

        "NEW YORK" matches "NEW YORK, USA", but not "NEW YORKER".
        """
        texts = [_fold(detection["DetectedText"]) for detection in self.detections]
        match = re.search(rf"(?<!\w){re.escape(_fold(phrase))}(?!\w)", " ".join(texts))
        if match is None:
            return []
        ends = [sum(map(len, texts[: number + 1])) + number for number in range(len(texts))]
        return [
            detection
            for detection, text, end in zip(self.detections, texts, ends, strict=True)
            if end > match.start() and end - len(text) < match.end()
        ]


def readings_of(found: Iterable["TextDetectionTypeDef"]) -> Sequence[Reading]:
    """List each line as its words, and then as Rekognition reads it: it may be unsure of either."""
    lines = []
    words = defaultdict(list)
    for text in found:
        if not _fold(text["DetectedText"]):
            continue
        if text["Type"] == "LINE":
            lines.append([text])
        else:
            words[text.get("ParentId")].append(text)
    return [Reading(detections=detections) for detections in (*words.values(), *lines)]


def boxes_of_phrases(phrases: Iterable[str], *, readings: Sequence[Reading]) -> list[dict[str, Any]]:
    """List where in the image phrases are, if Rekognition reports where. Each is listed once, where it is read first.

    Returns at most 25 entries of `awskit.boxes.box_entry`. The name is the phrase. The confidence is the lowest of its
    words.
    """
    entries = []
    for phrase in phrases:
        detections = next(filter(None, (reading.detections_of(phrase) for reading in readings)), ())
        boxes = [
            box_of(box) for detection in detections if (box := (detection.get("Geometry") or {}).get("BoundingBox"))
        ]
        if boxes:
            confidence = min(detection["Confidence"] for detection in detections)
            entries.append(box_entry(name=phrase, confidence=confidence, box=_enclose(boxes)))
    return entries[:MAX_BOXES]


def _enclose(boxes: Sequence[Box]) -> Box:
    return Box(
        left=min(box.left for box in boxes),
        top=min(box.top for box in boxes),
        right=max(box.right for box in boxes),
        bottom=max(box.bottom for box in boxes),
    )


def _fold(text: str) -> str:
    return " ".join(normalize("NFKC", text).casefold().split())
