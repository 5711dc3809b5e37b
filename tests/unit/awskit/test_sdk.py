"""What the import of a function takes from the AWS SDK."""

import os
import subprocess
import sys
from unittest.mock import patch

import pytest
from botocore.exceptions import UnknownServiceError
from botocore.loaders import Loader

from awskit.sdk import session


@pytest.mark.parametrize("handler", ["delivery.make.handler", "delivery.forget.handler"])
def test_delivery_does_not_import_boto3(handler: str) -> None:
    script = f"import {handler}, sys; sys.exit('boto3' in sys.modules)"
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    assert subprocess.run([sys.executable, "-c", script], env=environment, check=False).returncode == 0


def test_a_client_is_made_without_a_search_of_all_services() -> None:
    loader = session().get_component("data_loader")
    assert set(Loader().list_available_services("service-2")) <= set(loader.list_available_services("service-2"))
    with patch.object(loader.file_loader, "exists", wraps=loader.file_loader.exists) as looked:
        session().get_service_model("sqs")
    assert looked.call_count < 10


def test_a_service_that_botocore_does_not_know_is_an_error() -> None:
    with pytest.raises(UnknownServiceError):
        session().get_service_model("no-such-service")
