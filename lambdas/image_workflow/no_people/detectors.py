"""The ways to count the people in an analysis image, and when the cheap one is sure enough."""

from collections.abc import Mapping
from enum import StrEnum
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

from awskit.analysis import AnalysisImage, read_analysis_image, show_analysis_image
from awskit.labels import PERSON, boxes_of, count_people, find_labels
from awskit.uploads import Upload

if TYPE_CHECKING:
    from visionkit.sighting import Sighting

COUNTS_FROM = 0.5
"""The least confidence that counts for OpenCV alone, 0 to 1, where a check names none."""

SURE_OF_PEOPLE = 0.6
"""From this on OpenCV's answer is that there are people, and Rekognition is not asked.

Of 47 photographs with nobody in them, each in 4 variants (as it is, mirrored, at 80 % of its size, its edges cut off),
the surest detection is at 0.572; of 18 in which people are plain to see the least sure is at 0.653: docs/detectors.md.
"""

SURE_OF_NOBODY = 0.04
"""Up to this OpenCV's answer is that there is nobody, and Rekognition is not asked.

Under the least sure (0.043) of 10 photographs, in the same 4 variants, of a man behind a board that hides nearly all of
him. A fifth of the photographs with nobody in them are under it too; a higher one would save more and let people pass.
"""


class Detector(StrEnum):
    """What looks for people."""

    REKOGNITION = "REKOGNITION"
    OPENCV = "OPENCV"
    OPENCV_THEN_REKOGNITION = "OPENCV_THEN_REKOGNITION"


class CountPeople(Protocol):
    """Counts the people in an analysis image."""

    def __call__(self, analysis: AnalysisImage, *, upload: Upload, min_confidence: float | None) -> dict[str, Any]:
        """Answer the detail of a verdict, `people` among it.

        Parameters
        ----------
        analysis
            The image. Of several tiles, the one with the most people is counted.
        upload
            The upload that it is made of, or is.
        min_confidence
            The least confidence that counts, in percent; None is the detector's own.
        """


def ask_rekognition(analysis: AnalysisImage, *, upload: Upload, min_confidence: float | None) -> dict[str, Any]:
    """Count the people that Rekognition's labels tell of, and say where they are."""
    find = partial(find_labels, min_confidence=min_confidence)
    labels = show_analysis_image(analysis, upload=upload, ask=find)
    return {
        "people": count_people(labels, tiles=analysis.tiles),
        "boxes": boxes_of(labels, names={PERSON.casefold()}, tiles=analysis.tiles),
    }


def ask_opencv(analysis: AnalysisImage, *, upload: Upload, min_confidence: float | None) -> dict[str, Any]:
    """Count the people whose body or face OpenCV finds."""
    counts_from = COUNTS_FROM if min_confidence is None else min_confidence / 100
    return _detail(_see(analysis, upload=upload, counts_from=counts_from), decided_by=Detector.OPENCV)


def ask_rekognition_when_unsure(
    analysis: AnalysisImage, *, upload: Upload, min_confidence: float | None
) -> dict[str, Any]:
    """Count the people that OpenCV is sure of, and ask Rekognition where it is not.

    The least confidence is Rekognition's; where it is above what OpenCV is sure from, OpenCV needs that much too.
    """
    sure = max(SURE_OF_PEOPLE, (min_confidence or 0) / 100)
    sighting = _see(analysis, upload=upload, counts_from=sure)
    if sighting.confidence >= sure or sighting.confidence <= SURE_OF_NOBODY:
        return _detail(sighting, decided_by=Detector.OPENCV)
    answer = ask_rekognition(analysis, upload=upload, min_confidence=min_confidence)
    return _detail(sighting, decided_by=Detector.REKOGNITION) | answer


DETECTORS: Mapping[Detector, CountPeople] = {
    Detector.REKOGNITION: ask_rekognition,
    Detector.OPENCV: ask_opencv,
    Detector.OPENCV_THEN_REKOGNITION: ask_rekognition_when_unsure,
}


def _see(analysis: AnalysisImage, *, upload: Upload, counts_from: float) -> "Sighting":
    # Imported where it is used: a function that only asks Rekognition has no detectors of its own.
    from visionkit.confined import see_people_confined, worker

    worker.start()
    data = read_analysis_image(analysis, upload=upload)
    # It may be the upload itself, which nobody has decoded yet.
    return see_people_confined(data, min_confidence=counts_from, tiles=analysis.tiles)


def _detail(sighting: "Sighting", *, decided_by: Detector) -> dict[str, Any]:
    return {
        "people": sighting.people,
        "confidence": round(sighting.confidence * 100, 1),
        "detector": str(decided_by),
    }
