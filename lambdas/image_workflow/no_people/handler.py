"""Entry point of the check for people in workflows whose routes are data."""

import os
from typing import Any

from awskit.rejection import UploadFault
from awskit.rekognition.analysis import analysis_of
from awskit.settings import min_confidence
from awskit.steps import Answer, accepted, answer_check, rejected
from awskit.uploads import Upload
from image_workflow.no_people.detectors import DETECTORS
from safelight_contracts.detectors import Detector
from safelight_contracts.environment import Variable


def handler(event: dict[str, Any], context: object) -> Answer:  # noqa: ARG001 - Lambda's signature
    """Return whether an image shows no people.

    DETECTOR names the detector: REKOGNITION, OPENCV or OPENCV_THEN_REKOGNITION. Default: REKOGNITION.

    `event`: `{"image", "execution", "analysis", "check": {"minConfidence"}}`.

    Returns `{"accepted", "reason", "detail": {"people", "boxes"}}`. `boxes` are at most 25 entries of
    `awskit.boxes.box_entry`: where the people are that the answer counts. OpenCV reports bodies and faces. If OpenCV
    was asked, `detail` also has `confidence`, OpenCV's highest confidence in percent, and `detector`, the detector that
    gave the answer.
    """
    count_people = DETECTORS[Detector(os.environ.get(Variable.DETECTOR, Detector.REKOGNITION))]

    def check(upload: Upload) -> Answer:
        detail = count_people(analysis_of(event), upload=upload, min_confidence=min_confidence(event))
        return rejected(UploadFault.NO_PEOPLE_ALLOWED, detail=detail) if detail["people"] else accepted(detail=detail)

    return answer_check(event, check=check)
