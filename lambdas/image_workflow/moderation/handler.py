"""Entry point of the moderation check in workflows whose routes are data."""

from functools import partial
from typing import Any

from awskit.analysis import analysis_of, detect_in_analysis_image
from awskit.moderation import find_moderation_labels, moderation_verdict
from awskit.settings import min_confidence
from awskit.steps import Answer, answer_check
from awskit.uploads import Upload


def handler(event: dict[str, Any], context: object) -> Answer:  # noqa: ARG001 - Lambda's signature
    """Return whether an image is free of everything that Rekognition has a moderation label for.

    `event`: `{"image", "execution", "analysis", "check": {"minConfidence", "allow"}}`. `analysis` is the image to
    check. `allow` lists the labels that do not reject the image. They may be of any level, in upper or lower case, and
    they include all labels beneath them. Default of `allow`: empty, every label rejects.

    Returns the answer of `awskit.moderation.moderation_verdict`.
    """
    find = partial(find_moderation_labels, min_confidence=min_confidence(event))

    def check(upload: Upload) -> Answer:
        found = detect_in_analysis_image(analysis_of(event), upload=upload, ask=find)
        return moderation_verdict(found, allow=event["check"].get("allow", ()))

    return answer_check(event, check=check)
