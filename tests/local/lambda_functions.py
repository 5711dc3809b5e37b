"""Lambda functions made through the API, for tests of the emulator itself."""

import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from typing import Any

from safelight_local.emulator.endpoints import ACCOUNT, Endpoints

TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": ["lambda.amazonaws.com", "states.amazonaws.com"]},
                "Action": "sts:AssumeRole",
            }
        ],
    }
)

PATIENT_SECONDS = 300
"""How long a function may take: far more than it does on a slow machine."""


def create_role(endpoints: Endpoints, name: str, *, actions: Sequence[str] = ()) -> str:
    """A role for functions and state machines that allows some actions on all resources."""
    iam = endpoints.session.client("iam", **endpoints.client_settings)
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=TRUST)
    if actions:
        statement = {"Effect": "Allow", "Action": list(actions), "Resource": "*"}
        document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        iam.put_role_policy(RoleName=name, PolicyName="own", PolicyDocument=document)
    return f"arn:aws:iam::{ACCOUNT}:role/{name}"


def zip_of(files: Mapping[str, str]) -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        for name, text in files.items():
            file.writestr(name, text)
    return archive.getvalue()


def create_function(
    endpoints: Endpoints,
    *,
    name: str,
    source: str,
    layers: Sequence[str] = (),
    actions: Sequence[str] = (),
    seconds: int = PATIENT_SECONDS,
) -> str:
    """Make a function. `seconds`: how long it may take."""
    role = create_role(endpoints, f"{name}-role", actions=actions)
    created = endpoints.lambda_.create_function(
        FunctionName=name,
        Runtime="python3.13",
        Handler="index.handler",
        Role=role,
        Code={"ZipFile": zip_of({"index.py": source})},
        Layers=layers,
        Timeout=seconds,
    )
    return created["FunctionArn"]


def invoke(endpoints: Endpoints, name: str) -> Any:
    answer: Any = json.loads(endpoints.lambda_.invoke(FunctionName=name, Payload=b"{}")["Payload"].read())
    return answer
