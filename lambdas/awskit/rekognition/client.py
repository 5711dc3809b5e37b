"""The client of Rekognition. It is made on first use, like the other clients."""

from functools import cache
from typing import TYPE_CHECKING

from awskit.clients import client_config
from awskit.rekognition.answers import check_raw_answer
from awskit.sdk import client

if TYPE_CHECKING:
    from mypy_boto3_rekognition import RekognitionClient


@cache
def rekognition() -> "RekognitionClient":
    """Return the Rekognition client. It raises `MalformedAnswer` before the SDK can hide what is wrong."""
    made: RekognitionClient = client("rekognition", config=client_config(read_timeout=7, attempts=2))
    made.meta.events.register("before-parse.rekognition", check_raw_answer)
    return made
