"""A running stand-in and a boto3 client of it, for the tests of the stand-in."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from tests.local.rekognition.stand_in import StandIn, rekognition_client, running_stand_in

if TYPE_CHECKING:
    from mypy_boto3_rekognition import RekognitionClient


@pytest.fixture(scope="session")
def stand_in(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StandIn]:
    """A stand-in without fixtures, and with no S3 to read from."""
    folder = tmp_path_factory.mktemp("rekognition")
    with running_stand_in(folder, variables={"AWS_ENDPOINT_URL_S3": "http://127.0.0.1:9"}) as started:
        yield started


@pytest.fixture(scope="session")
def rekognition(stand_in: StandIn) -> "RekognitionClient":
    """A client that validates every response against Rekognition's service model."""
    return rekognition_client(stand_in)
