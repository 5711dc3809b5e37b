"""What is around every step: its upload, its log lines, and how it says that an image is at fault."""

from collections.abc import Callable, Mapping
from typing import Any

from awskit.bounds import bounded_detail
from awskit.logs import logger, logging_upload
from awskit.rejection import Reason, RejectedImage
from awskit.uploads import Upload, parse_upload
from imagekit.rejection import ImageRejected

Answer = dict[str, Any]


def accepted(*, detail: Mapping[str, object]) -> Answer:
    """Make the answer of a check that accepts an image.

    Parameters
    ----------
    detail
        Small JSON-able facts. What is too long in them is cut: see `awskit.bounds`.
    """
    return {"accepted": True, "reason": None, "detail": bounded_detail(detail)}


def rejected(reason: Reason, *, detail: Mapping[str, object]) -> Answer:
    """Make the answer of a check that rejects an image.

    Parameters
    ----------
    reason
        Why.
    detail
        Small JSON-able facts beside the reason. What is too long in them is cut: see `awskit.bounds`.
    """
    return {"accepted": False, "reason": str(reason), "detail": bounded_detail(detail)}


def answer_check(event: Mapping[str, Any], *, check: Callable[[Upload], Answer]) -> Answer:
    """Run a check: a rejection is its answer, whichever way it comes.

    Parameters
    ----------
    event
        What the workflow sent.
    check
        Looks at the upload and answers with `accepted` or `rejected`, or raises `ImageRejected` or
        `RejectedImage`.

    Returns
    -------
    dict
        `{"accepted", "reason", "detail"}` and what else the check answers.
    """
    upload = parse_upload(event)
    with logging_upload(upload):
        try:
            answer = check(upload)
        except (ImageRejected, RejectedImage) as rejection:
            answer = rejected(rejection.reason, detail=rejection.detail)
        except Exception:
            logger().exception("Failed")
            raise
        logger().info("Accepted" if answer["accepted"] else "Rejected", reason=answer["reason"])
        return answer


def perform_step(event: Mapping[str, Any], *, step: Callable[[Upload], Answer]) -> Answer:
    """Run a step that is no check: a rejection leaves it as the error that the workflow catches.

    Parameters
    ----------
    event
        What the workflow sent.
    step
        Does its work on the upload.

    Raises
    ------
    RejectedImage
        When the image or its upload is at fault.
    """
    upload = parse_upload(event)
    with logging_upload(upload):
        try:
            answer = step(upload)
        except (ImageRejected, RejectedImage) as rejection:
            logger().info("Rejected", reason=str(rejection.reason))
            raise RejectedImage(rejection.reason, detail=rejection.detail) from rejection
        except Exception:
            logger().exception("Failed")
            raise
        logger().info("Done")
        return answer
