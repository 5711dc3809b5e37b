"""Functions that are larger than Lambda's limit, as those with codecs and a detector are on x86_64."""

import io
import zipfile

import pytest
from tests.local.lambda_functions import create_function

from safelight_local.emulator.process import Emulator

LAMBDAS_LIMIT_MIB = 250


@pytest.fixture(scope="module")
def large_package() -> bytes:
    """An archive of a few hundred kilobytes that unpacks to more than Lambda allows."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as file:
        for number in range(LAMBDAS_LIMIT_MIB + 1):
            file.writestr(f"{number}.bin", bytes(2**20))
    return archive.getvalue()


def test_a_large_function_can_have_other_code_and_then_other_settings(emulator: Emulator, large_package: bytes) -> None:
    lambda_ = emulator.endpoints.lambda_
    name = create_function(emulator.endpoints, name="large", source="").rpartition(":")[2]
    lambda_.update_function_code(FunctionName=name, ZipFile=large_package)
    # CloudFormation names the layers in each update.
    updated = lambda_.update_function_configuration(
        FunctionName=name, Layers=[], Environment={"Variables": {"STYLE": "blur"}}
    )
    assert updated["CodeSize"] == len(large_package)
    assert updated["Environment"]["Variables"] == {"STYLE": "blur"}
