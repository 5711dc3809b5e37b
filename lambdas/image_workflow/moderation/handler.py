"""Entry point of the check for content that must not be published, where routes are data."""

from functools import partial
from typing import Any

from awskit.analysis import analysis_of, show_analysis_image
from awskit.moderation import find_moderation_labels, moderation_verdict
from awskit.settings import min_confidence
from awskit.steps import Answer, answer_check
from awskit.uploads import Upload


def handler(event: dict[str, Any], context: object) -> Answer:  # noqa: ARG001 - Lambda's signature
    """Answer whether an image is free of everything that Rekognition has a moderation label for.

    Parameters
    ----------
    event
        `{"image", "execution", "analysis", "check": {"minConfidence", "allow"}}`: `analysis` is the image to look at,
        `allow` the labels that do not reject, of any level and in any case, with all beneath them; left out, every
        label rejects.
    context
        Lambda's; not used.

    Returns
    -------
    dict
        As `awskit.moderation.moderation_verdict` gives it.
    """
    find = partial(find_moderation_labels, min_confidence=min_confidence(event))

    def check(upload: Upload) -> Answer:
        found = show_analysis_image(analysis_of(event), upload=upload, ask=find)
        return moderation_verdict(found, allow=event["check"].get("allow", ()))

    return answer_check(event, check=check)
