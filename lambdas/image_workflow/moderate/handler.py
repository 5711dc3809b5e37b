"""Entry point of the moderation check in workflows whose routes are not data."""

from functools import partial
from typing import Any

from awskit.moderation import find_moderation_labels, moderation_verdict
from awskit.rekognition import detect_in_upload
from awskit.settings import limits, min_confidence, presentation
from awskit.steps import Answer, answer_check
from awskit.uploads import Upload


def handler(event: dict[str, Any], context: object) -> Answer:  # noqa: ARG001 - Lambda's signature
    """Return whether an upload is free of everything that Rekognition has a moderation label for.

    `event`: `{"image", "execution"}`.

    Returns the answer of `awskit.moderation.moderation_verdict`.
    """
    find = partial(find_moderation_labels, min_confidence=min_confidence(event))

    def check(upload: Upload) -> Answer:
        found = detect_in_upload(upload, limits=limits(), presentation=presentation(), ask=find).found
        return moderation_verdict(found, allow=())

    return answer_check(event, check=check)
