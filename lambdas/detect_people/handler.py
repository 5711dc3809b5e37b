"""Entry point of the check for people, where routes are data."""

from functools import partial
from typing import Any

from awskit.analysis import show_analysis_image
from awskit.labels import count_people, find_labels
from awskit.rejection import UploadFault
from awskit.settings import min_confidence
from awskit.steps import Answer, accepted, answer_check, rejected
from awskit.uploads import Upload


def handler(event: dict[str, Any], context: object) -> Answer:  # noqa: ARG001 - Lambda's signature
    """Answer whether an image shows no people.

    Parameters
    ----------
    event
        `{"image", "execution", "analysis", "check": {"minConfidence"}}`.
    context
        Lambda's; not used.

    Returns
    -------
    dict
        `{"accepted", "reason", "detail": {"people"}}`.
    """

    def check(upload: Upload) -> Answer:  # noqa: ARG001 - it is seen by its analysis image
        find = partial(find_labels, min_confidence=min_confidence(event))
        detail = {"people": count_people(show_analysis_image(event["analysis"], ask=find)["Labels"])}
        return rejected(UploadFault.NO_PEOPLE_ALLOWED, detail=detail) if detail["people"] else accepted(detail=detail)

    return answer_check(event, check=check)
