"""Entry point of the check for people, where routes are data."""

import os
from typing import Any

from awskit.analysis import analysis_of
from awskit.rejection import UploadFault
from awskit.settings import min_confidence
from awskit.steps import Answer, accepted, answer_check, rejected
from awskit.uploads import Upload
from image_workflow.no_people.detectors import DETECTORS, Detector


def handler(event: dict[str, Any], context: object) -> Answer:  # noqa: ARG001 - Lambda's signature
    """Answer whether an image shows no people.

    DETECTOR names what looks: REKOGNITION (left out too), OPENCV or OPENCV_THEN_REKOGNITION.

    Parameters
    ----------
    event
        `{"image", "execution", "analysis", "check": {"minConfidence"}}`.
    context
        Lambda's; not used.

    Returns
    -------
    dict
        `{"accepted", "reason", "detail": {"people"}}`; where Rekognition looked, `detail` has also `boxes`, as
        `awskit.labels.boxes_of` gives them; where OpenCV looked, `confidence`, that of its surest detection in percent,
        and `detector`, which gave the answer.
    """
    count_people = DETECTORS[Detector(os.environ.get("DETECTOR", Detector.REKOGNITION))]

    def check(upload: Upload) -> Answer:
        detail = count_people(analysis_of(event), upload=upload, min_confidence=min_confidence(event))
        return rejected(UploadFault.NO_PEOPLE_ALLOWED, detail=detail) if detail["people"] else accepted(detail=detail)

    return answer_check(event, check=check)
