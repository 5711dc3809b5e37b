"""The detectors that count the people in an analysis image, and the thresholds that decide without Rekognition."""

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

from awskit.boxes import MAX_BOXES, box_entry
from awskit.rekognition.analysis import AnalysisImage, detect_in_analysis_image, read_analysis_image
from awskit.rekognition.labels import boxes_of_people, count_people, find_labels
from awskit.uploads import Upload
from safelight_contracts.detectors import Detector

if TYPE_CHECKING:
    from visionkit.detection import PeopleDetection

COUNTS_FROM = 0.5
"""The minimum confidence of OpenCV alone, from 0 to 1, if a check names none."""

SURE_OF_PEOPLE = 0.6
"""From this confidence on, OpenCV decides that there are people, and Rekognition is not asked.

The surest detection in 47 photographs with nobody in them is at 0.572. Each was tested in 4 variants (as it is,
mirrored, at 80 % of its size, its edges cut off). Of 18 photographs that clearly show people, the least sure one is at
0.653. See docs/detectors.md.
"""

SURE_OF_NOBODY = 0.04
"""Up to this confidence, OpenCV decides that there is nobody, and Rekognition is not asked.

It is below the least sure (0.043) of 10 photographs, in the same 4 variants, of a man behind a board that hides nearly
all of him. A fifth of the photographs with nobody in them are below it too. A higher threshold would save more
and miss people.
"""


class CountPeople(Protocol):
    """Counts the people in an analysis image."""

    def __call__(self, analysis: AnalysisImage, *, upload: Upload, min_confidence: float | None) -> dict[str, Any]:
        """Return the detail of a verdict, which includes `people` and `boxes`.

        `analysis`: the image. If it has several tiles, the result is the count of the tile with the most people.
        `upload`: the upload that the image was made of, or that it is.
        `min_confidence`: the minimum confidence in percent. None means the detector's own default.
        """


def ask_rekognition(analysis: AnalysisImage, *, upload: Upload, min_confidence: float | None) -> dict[str, Any]:
    """Count the people that Rekognition's labels report, and return where they are."""
    find = partial(find_labels, min_confidence=min_confidence)
    labels = detect_in_analysis_image(analysis, upload=upload, ask=find)
    return {
        "people": count_people(labels, tiles=analysis.tiles),
        "boxes": boxes_of_people(labels),
    }


def ask_opencv(analysis: AnalysisImage, *, upload: Upload, min_confidence: float | None) -> dict[str, Any]:
    """Count the people whose body or face OpenCV detects."""
    counts_from = COUNTS_FROM if min_confidence is None else min_confidence / 100
    return _detail(_detect(analysis, upload=upload, counts_from=counts_from), decided_by=Detector.OPENCV)


def ask_rekognition_when_unsure(
    analysis: AnalysisImage, *, upload: Upload, min_confidence: float | None
) -> dict[str, Any]:
    """Count the people that OpenCV is sure of. Ask Rekognition if OpenCV is not sure.

    The minimum confidence applies to Rekognition. If it is above OpenCV's own threshold, it applies to OpenCV too.
    """
    sure = max(SURE_OF_PEOPLE, (min_confidence or 0) / 100)
    detection = _detect(analysis, upload=upload, counts_from=sure)
    if detection.confidence >= sure or detection.confidence <= SURE_OF_NOBODY:
        return _detail(detection, decided_by=Detector.OPENCV)
    answer = ask_rekognition(analysis, upload=upload, min_confidence=min_confidence)
    return _detail(detection, decided_by=Detector.REKOGNITION) | answer


DETECTORS: Mapping[Detector, CountPeople] = {
    Detector.REKOGNITION: ask_rekognition,
    Detector.OPENCV: ask_opencv,
    Detector.OPENCV_THEN_REKOGNITION: ask_rekognition_when_unsure,
}


def _detect(analysis: AnalysisImage, *, upload: Upload, counts_from: float) -> "PeopleDetection":
    # Imported here, because a function that only asks Rekognition does not contain the detectors.
    from visionkit.sandbox import see_people_in_sandbox, worker

    worker.start()
    data = read_analysis_image(analysis, upload=upload)
    # The image may be the upload itself, which nothing has decoded yet.
    return see_people_in_sandbox(data, min_confidence=counts_from, tiles=analysis.tiles)


def _detail(detection: "PeopleDetection", *, decided_by: Detector) -> dict[str, Any]:
    return {
        "people": detection.people,
        "confidence": round(detection.confidence * 100, 1),
        "detector": str(decided_by),
        "boxes": [
            box_entry(name=one.name, confidence=one.confidence * 100, box=one.box)
            for one in detection.found[:MAX_BOXES]
        ],
    }
