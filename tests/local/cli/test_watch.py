"""``safelight up --watch``: a saved file is deployed, and a function's code without a deployment."""

import base64
import io
import json
import signal
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.local.command_line import environment, safelight, start
from tests.local.emulator_clients import wait_until
from tests.local.lambda_functions import PATIENT_SECONDS, create_role

from safelight_local.emulator import state
from safelight_local.emulator.endpoints import Endpoints
from safelight_local.emulator.live_code import update_functions
from safelight_local.emulator.process import Emulator
from safelight_local.saved_files import Change

TINY = Path(__file__).with_name("tiny.asl.json")
APP = f"""
from pathlib import Path
from aws_cdk import App, Duration, RemovalPolicy, Stack, aws_lambda
from aws_cdk import aws_stepfunctions as sfn, aws_stepfunctions_tasks as tasks
from safelight import ImageWorkflow
app = App()
stack = Stack(app, "Mine")
ImageWorkflow(stack, "Photos", definition=Path("{TINY}"), removal_policy=RemovalPolicy.DESTROY)
function = aws_lambda.Function(
    stack,
    "Function",
    runtime=aws_lambda.Runtime.PYTHON_3_13,
    timeout=Duration.seconds({PATIENT_SECONDS}),
    handler="handler.handle",
    code=aws_lambda.Code.from_asset("code"),
    function_name="mine",
)
task = tasks.LambdaInvoke(stack, "Call", lambda_function=function.current_version, payload_response_only=True)
sfn.StateMachine(stack, "Machine", state_machine_name="mine", definition_body=sfn.DefinitionBody.from_chainable(task))
app.synth()
"""
HANDLER = "def handle(event, context):\n    return {}\n"


def output_of_machine(aws: Endpoints, *, name: str) -> Any:
    client = aws.stepfunctions
    (arn,) = (it["stateMachineArn"] for it in client.list_state_machines()["stateMachines"] if it["name"] == name)
    execution = client.start_execution(stateMachineArn=arn)["executionArn"]
    wait_until(lambda: client.describe_execution(executionArn=execution)["status"] != "RUNNING")
    return json.loads(client.describe_execution(executionArn=execution)["output"])


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, "subprocess.Popen[str]"]]:
    project = tmp_path_factory.mktemp("project")
    (project / "app.py").write_text(APP)
    (project / "code").mkdir()
    (project / "code" / "handler.py").write_text(HANDLER.format("'first'"))
    process = start(
        project, "up", "--watch", "--app", f"{sys.executable} app.py", env=environment() | {"PYTHONUNBUFFERED": "1"}
    )
    try:
        assert until(process, "Press Ctrl-C to stop"), process.communicate()
        yield project, process
    finally:
        process.kill()
        process.communicate()
        safelight(project, "down")


def until(process: "subprocess.Popen[str]", text: str) -> bool:
    assert process.stdout is not None
    return any(text in line for line in process.stdout)


def test_saved_code_is_live_without_a_deployment_and_a_saved_app_is_deployed(
    watched: tuple[Path, "subprocess.Popen[str]"],
) -> None:
    project, process = watched
    services = state.load(project=project)
    assert services is not None
    aws = services.endpoints
    assert output_of_machine(aws, name="mine") == "first"
    (project / "code" / "handler.py").write_text(HANDLER.format("'second'"))
    assert until(process, "Live after")
    assert output_of_machine(aws, name="mine") == "second"
    (project / "app.py").write_text(APP.replace('state_machine_name="mine"', 'state_machine_name="renamed"'))
    assert until(process, "Next: safelight run")
    assert output_of_machine(aws, name="renamed") == "second"
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=300)
    assert (process.returncode, err) == (0, "")
    assert safelight(project, "executions").returncode == 0


def archive(files: dict[str, str]) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as file:
        for name, content in files.items():
            file.writestr(name, content)
    return written.getvalue()


def create_function(aws: Endpoints, *, name: str, files: dict[str, str]) -> str:
    """Create a function; its ARN."""
    arn: str = aws.lambda_.create_function(
        FunctionName=name,
        Runtime="python3.13",
        Role=create_role(aws, f"{name}-role"),
        Handler="handler.handle",
        Timeout=PATIENT_SECONDS,
        Code={"ZipFile": archive(files)},
    )["FunctionArn"]
    return arn


def create_version(aws: Endpoints, *, name: str, files: dict[str, str]) -> str:
    """Create a function and its first version; the ARN of the version."""
    create_function(aws, name=name, files=files)
    arn: str = aws.lambda_.publish_version(FunctionName=name)["FunctionArn"]
    assert arn.endswith(":1")
    return arn


def create_machine(aws: Endpoints, *, name: str, function: str) -> None:
    """Create a state machine that calls a function by a name in base64, as those of the library do for checks."""
    checks = base64.b64encode(json.dumps({"check": function}).encode()).decode()
    call = {
        "Type": "Task",
        "Resource": "arn:aws:states:::lambda:invoke",
        "Arguments": {"FunctionName": f"{{% $parse($base64decode('{checks}')).check %}}"},
        "Output": "{% $states.result.Payload %}",
        "End": True,
    }
    definition = {"QueryLanguage": "JSONata", "StartAt": "Call", "States": {"Call": call}}
    aws.stepfunctions.create_state_machine(
        name=name, definition=json.dumps(definition), roleArn=create_role(aws, f"{name}-machine")
    )


def test_a_function_that_is_called_without_a_version_is_updated_each_time(emulator: Emulator) -> None:
    aws = emulator.endpoints
    first, second, third = (HANDLER.format(f"'{it}'") for it in ("first", "second", "third"))
    create_machine(aws, name="plain", function=create_function(aws, name="plain", files={"handler.py": first}))
    assert update_functions(aws, changes=[saved("handler.py", first, second)]) == ["plain"]
    assert update_functions(aws, changes=[saved("handler.py", second, third)]) == ["plain"]
    assert output_of_machine(aws, name="plain") == "third"


def saved(path: str, before: str, after: str) -> Change:
    return Change(path=Path("/app") / path, before=before.encode(), after=after.encode())


def test_a_function_whose_name_is_encoded_in_a_definition_is_updated(emulator: Emulator) -> None:
    aws = emulator.endpoints
    old, new = HANDLER.format("'old'"), HANDLER.format("'new'")
    version = create_version(aws, name="encoded", files={"handler.py": old})
    create_machine(aws, name="encoded", function=version)
    assert update_functions(aws, changes=[saved("code/handler.py", old, new)]) == ["encoded"]
    assert output_of_machine(aws, name="encoded") == "new"


def test_bytecode_of_the_old_code_is_removed(emulator: Emulator) -> None:
    aws = emulator.endpoints
    old = HANDLER.format("'compiled'")
    files = {"handler.py": old, f"__pycache__/handler.{sys.implementation.cache_tag}.pyc": "stale"}
    version = create_version(aws, name="compiled", files=files)
    create_machine(aws, name="compiled", function=version)
    assert update_functions(aws, changes=[saved("handler.py", old, HANDLER.format("'fresh'"))]) == ["compiled"]
    assert output_of_machine(aws, name="compiled") == "fresh"


def test_a_file_that_is_emptied_is_empty_in_the_function(emulator: Emulator) -> None:
    aws = emulator.endpoints
    source = "import extra\n\ndef handle(event, context):\n    return hasattr(extra, 'name')\n"
    create_function(aws, name="emptied", files={"handler.py": source, "extra.py": "name = 1\n"})
    assert update_functions(aws, changes=[saved("extra.py", "name = 1\n", "")]) == ["emptied"]
    assert json.loads(aws.lambda_.invoke(FunctionName="emptied")["Payload"].read()) is False


@pytest.mark.parametrize(
    "change",
    [
        saved("app.py", "of no function", "new"),
        saved("other/handler.py", "of another file of that name", "new"),
        Change(path=Path("/app/handler.py"), before=None, after=b"created"),
        Change(path=Path("/app/handler.py"), before=b"deleted", after=None),
    ],
    ids=["no function", "other content", "created", "deleted"],
)
def test_any_other_change_needs_a_deployment(emulator: Emulator, change: Change) -> None:
    create_function_once(emulator.endpoints)
    assert update_functions(emulator.endpoints, changes=[change]) is None


def test_a_function_whose_version_no_state_machine_calls_needs_a_deployment(emulator: Emulator) -> None:
    create_function_once(emulator.endpoints)
    assert update_functions(emulator.endpoints, changes=[saved("alone.py", "alone", "new")]) is None


def create_function_once(aws: Endpoints) -> None:
    if "alone" not in {it["FunctionName"] for it in aws.lambda_.list_functions()["Functions"]}:
        create_version(aws, name="alone", files={"handler.py": HANDLER.format("1"), "alone.py": "alone"})
