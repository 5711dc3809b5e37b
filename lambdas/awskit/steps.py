"""The frame of every step: it reads the upload, writes log lines, and reports an image that is at fault."""

from collections.abc import Callable, Mapping
from typing import Any

from awskit.bounds import bounded_detail
from awskit.logs import logger, logging_upload
from awskit.rejection import Reason, RejectedImage
from awskit.uploads import Upload, parse_upload
from imagekit.rejection import ImageRejected

Answer = dict[str, Any]


def accepted(*, detail: Mapping[str, object]) -> Answer:
    """Build the answer of a check that accepts an image.

    `detail`: small facts that JSON can hold. Values that are too long are cut: see `awskit.bounds`.
    """
    return {"accepted": True, "reason": None, "detail": bounded_detail(detail)}


def rejected(reason: Reason, *, detail: Mapping[str, object]) -> Answer:
    """Build the answer of a check that rejects an image.

    `detail`: small facts about the reason that JSON can hold. Values that are too long are cut: see `awskit.bounds`.
    """
    return {"accepted": False, "reason": str(reason), "detail": bounded_detail(detail)}


def answer_check(event: Mapping[str, Any], *, check: Callable[[Upload], Answer]) -> Answer:
    """Run a check. A rejection becomes the check's answer, whether the check returns or raises it.

    `check`: checks the upload. Returns `accepted` or `rejected`, or raises `ImageRejected` or `RejectedImage`.

    Returns `{"accepted", "reason", "detail"}`, and what else the check returns.
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
    """Run a step that is not a check. It raises a rejection as the error that the workflow catches.

    Raises RejectedImage if the image or its upload is at fault.
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
