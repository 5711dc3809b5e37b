"""Entry point of the check of the words that can be read in an image."""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any
from unicodedata import normalize

from awskit import clients
from awskit.analysis import analysis_of, detect_in_analysis_image
from awskit.answers import text_detections
from awskit.rejection import UploadFault
from awskit.settings import min_confidence
from awskit.steps import Answer, accepted, answer_check, rejected
from awskit.uploads import Upload

if TYPE_CHECKING:
    from mypy_boto3_rekognition.type_defs import DetectTextFiltersTypeDef, ImageTypeDef, TextDetectionTypeDef


def handler(event: dict[str, Any], context: object) -> Answer:  # noqa: ARG001 - Lambda's signature
    """Return whether an image contains all words that its route requires.

    Other text in the image is neither returned nor logged.

    `event`: `{"image", "execution", "analysis", "check": {"required", "minConfidence"}}`. `required` lists words or
    phrases, in upper or lower case and with any spacing. Each must be within one line of the image.

    Returns `{"accepted", "reason", "detail": {"missing": [phrase]}}`.
    """

    def check(upload: Upload) -> Answer:
        confidence = min_confidence(event)

        def ask(image: "ImageTypeDef") -> "list[TextDetectionTypeDef]":
            if confidence is None:
                return text_detections(clients.rekognition().detect_text(Image=image))
            filters: DetectTextFiltersTypeDef = {"WordFilter": {"MinConfidence": confidence}}
            return text_detections(clients.rekognition().detect_text(Image=image, Filters=filters))

        found = detect_in_analysis_image(analysis_of(event), upload=upload, ask=ask)
        sure = [text for text in found if text["Confidence"] >= (confidence or 0)]
        missing = _missing(event["check"]["required"], lines=_lines(sure))
        if missing:
            return rejected(UploadFault.MISSING_WORDS, detail={"missing": missing})
        return accepted(detail={"missing": []})

    return answer_check(event, check=check)


def _missing(required: Iterable[str], *, lines: Sequence[str]) -> list[str]:
    return [phrase for phrase in required if not any(_reads(_fold(phrase), line=line) for line in lines)]


def _reads(phrase: str, *, line: str) -> bool:
    # "NEW YORK" matches "NEW YORK, USA", but not "NEW YORKER".
    return re.search(rf"(?<!\w){re.escape(phrase)}(?!\w)", line) is not None


def _lines(found: Iterable["TextDetectionTypeDef"]) -> list[str]:
    """List each line as Rekognition reads it, and as its words join where Rekognition is unsure of the line."""
    lines = []
    words = defaultdict(list)
    for text in found:
        if text["Type"] == "LINE":
            lines.append(text["DetectedText"])
        else:
            words[text.get("ParentId")].append(text["DetectedText"])
    return [_fold(line) for line in (*lines, *(" ".join(of_line) for of_line in words.values()))]


def _fold(text: str) -> str:
    return " ".join(normalize("NFKC", text).casefold().split())
