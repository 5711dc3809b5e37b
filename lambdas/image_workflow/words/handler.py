"""Entry point of the check of the words that can be read in an image."""

from typing import TYPE_CHECKING, Any

from awskit.rejection import UploadFault
from awskit.rekognition import client
from awskit.rekognition.analysis import analysis_of, detect_in_analysis_image
from awskit.rekognition.answers import text_detections
from awskit.settings import min_confidence
from awskit.steps import Answer, accepted, answer_check, rejected
from awskit.uploads import Upload
from image_workflow.words.reading import boxes_of_phrases, readings_of

if TYPE_CHECKING:
    from mypy_boto3_rekognition.type_defs import DetectTextFiltersTypeDef, ImageTypeDef, TextDetectionTypeDef


def handler(event: dict[str, Any], context: object) -> Answer:  # noqa: ARG001 - Lambda's signature
    """Return whether an image contains all words that its route requires.

    Other text in the image is neither returned nor logged.

    `event`: `{"image", "execution", "analysis", "check": {"required", "minConfidence"}}`. `required` lists words or
    phrases, in upper or lower case and with any spacing. Each must be within one line of the image.

    Returns `{"accepted", "reason", "detail": {"missing": [phrase], "boxes"}}`. `boxes` are from
    `image_workflow.words.reading.boxes_of_phrases`: where the required phrases are.
    """

    def check(upload: Upload) -> Answer:
        confidence = min_confidence(event)

        def ask(image: "ImageTypeDef") -> "list[TextDetectionTypeDef]":
            if confidence is None:
                return text_detections(client.rekognition().detect_text(Image=image))
            filters: DetectTextFiltersTypeDef = {"WordFilter": {"MinConfidence": confidence}}
            return text_detections(client.rekognition().detect_text(Image=image, Filters=filters))

        found = detect_in_analysis_image(analysis_of(event), upload=upload, ask=ask)
        readings = readings_of(text for text in found if text["Confidence"] >= (confidence or 0))
        required = event["check"]["required"]
        missing = [phrase for phrase in required if not any(reading.detections_of(phrase) for reading in readings)]
        boxes = boxes_of_phrases(required, readings=readings)
        detail = {"missing": missing, "boxes": boxes}
        return rejected(UploadFault.MISSING_WORDS, detail=detail) if missing else accepted(detail=detail)

    return answer_check(event, check=check)
