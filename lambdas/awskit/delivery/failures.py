"""What S3, Rekognition and the image engine raise, as refusals of a request."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from awskit.delivery.budget import timeout
from awskit.logs import logger
from awskit.rekognition.analysis import InternalServerError
from awskit.rekognition.answers import MalformedAnswer
from awskit.transient_errors import ServiceBusy
from imagekit.rejection import ImageFault, ImageRejected
from safelight_contracts.delivery.refusals import Refusal, RequestRefusedError


@contextmanager
def failures_as_refusals() -> Iterator[None]:
    """Raise whatever goes wrong as a refusal.

    Raises
    ------
    RequestRefusedError
        `SOURCE_UNAVAILABLE` for any error of AWS, throttling and missing permissions included. `TOO_LARGE`,
        `NOT_AN_IMAGE`, `DAMAGED` or `TIMEOUT` for what `ImageRejected` says. `INTERNAL` for everything else.
    """
    try:
        yield
    except ImageRejected as rejection:
        raise refusal_of(rejection) from rejection
    except (BotoCoreError, ClientError, MalformedAnswer, ServiceBusy, InternalServerError) as error:
        logger().exception("A service failed")
        raise unavailable() from error
    except RequestRefusedError:
        raise
    except Exception as error:
        logger().exception("Failed")
        raise RequestRefusedError(Refusal.INTERNAL, "This is our fault. Try again.") from error


def log_refusal(refused: RequestRefusedError, *, event: Mapping[str, Any]) -> None:
    """Write a refusal to the log, with the id of the request that the viewer sees too."""
    request_id = event["requestContext"]["requestId"]
    logger().info("Refused", refusal=refused.refusal, parameter=refused.parameter, request=request_id)


def unavailable() -> RequestRefusedError:
    """Return the refusal of a request that cannot be answered because a service failed."""
    return RequestRefusedError(Refusal.SOURCE_UNAVAILABLE, "The image cannot be read now. Try again.")


def refusal_of(rejection: ImageRejected) -> RequestRefusedError:
    """Return the refusal that says what is wrong with a source."""
    detail = rejection.detail
    if rejection.reason is ImageFault.UNREADABLE_IMAGE:
        return RequestRefusedError(Refusal.DAMAGED, f"The image is damaged: {detail.get('problem', 'unreadable')}.")
    if rejection.reason is ImageFault.UNSUPPORTED_TYPE:
        return RequestRefusedError(Refusal.NOT_AN_IMAGE, f"The type {detail.get('type')} is not supported.")
    if "maxSeconds" in detail:
        return timeout()
    exceeded = ", ".join(f"{name}={value}" for name, value in detail.items() if name.startswith("max"))
    return RequestRefusedError(Refusal.TOO_LARGE, f"The image exceeds a limit: {exceeded}.")
