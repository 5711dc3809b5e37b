"""What the import of a function takes from the AWS SDK."""

import os
import subprocess
import sys

import pytest


@pytest.mark.parametrize("handler", ["delivery.make.handler", "delivery.forget.handler"])
def test_delivery_does_not_import_boto3(handler: str) -> None:
    script = f"import {handler}, sys; sys.exit('boto3' in sys.modules)"
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    assert subprocess.run([sys.executable, "-c", script], env=environment, check=False).returncode == 0
