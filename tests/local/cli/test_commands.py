import importlib.metadata
import os
import signal
import socket
import subprocess
import sys
from contextlib import nullcontext
from pathlib import Path
from types import SimpleNamespace

import pytest
from tests.local.command_line import environment, safelight, servers_of, start

from safelight_local.cli import COMMANDS, executions, main, run

APP = f"{sys.executable} app.py"

NO_WORKFLOW = """
from aws_cdk import App, Stack, aws_sns
app = App()
aws_sns.Topic(Stack(app, "Other"), "Topic")
app.synth()
"""


def interrupt(*_: object, **__: object) -> None:
    raise KeyboardInterrupt


def assert_one_line_and_nothing_running(project: Path, *arguments: str, says: str) -> None:
    done = safelight(project, *arguments)
    assert done.returncode == 2, done
    assert done.stderr.startswith("safelight: ")
    assert len(done.stderr.splitlines()) == 1, done.stderr
    assert says in done.stderr
    assert servers_of(project) == []


@pytest.mark.parametrize(
    "command", [["run", "photo.jpg"], ["executions"], ["show", "name"], ["logs"], ["env"], ["aws", "s3", "ls"]]
)
def test_a_command_before_up_says_to_run_it(tmp_path: Path, command: list[str]) -> None:
    (tmp_path / "photo.jpg").touch()
    assert_one_line_and_nothing_running(tmp_path, *command, says="run `safelight up` first")


def test_a_missing_image_is_reported(tmp_path: Path) -> None:
    assert_one_line_and_nothing_running(tmp_path, "run", "none.jpg", says="no such image file: none.jpg")


def test_a_folder_instead_of_an_image_is_reported(tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    assert_one_line_and_nothing_running(tmp_path, "run", "photos", says="photos is a folder: name the image files")


@pytest.mark.parametrize("options", [["--place", "a/b"], ["--place-type", "a/b"]])
def test_a_place_id_with_a_slash_is_rejected(tmp_path: Path, options: list[str]) -> None:
    (tmp_path / "photo.jpg").touch()
    assert_one_line_and_nothing_running(tmp_path, "run", "photo.jpg", *options, says="the place id a/b has a slash")


def test_a_folder_without_an_app_is_reported(tmp_path: Path) -> None:
    assert_one_line_and_nothing_running(tmp_path, "up", says="no cdk.json")


def test_a_missing_fixtures_file_is_reported(tmp_path: Path) -> None:
    assert_one_line_and_nothing_running(
        tmp_path, "up", "--app", APP, "--fixtures", "none.json", says="cannot read the fixtures file none.json"
    )


def test_an_invalid_fixtures_file_is_reported_before_anything_starts(tmp_path: Path) -> None:
    (tmp_path / "f.json").write_text('{"wrong": {"key": "*"}}')
    assert_one_line_and_nothing_running(
        tmp_path, "up", "--app", APP, "--fixtures", "f.json", says="fixtures file f.json: fixture 'wrong': `answers`"
    )
    assert not (tmp_path / ".safelight").exists()


@pytest.mark.parametrize("command", [["up", "--app", APP], ["console"]])
@pytest.mark.parametrize("port", ["80000", "-1", "none"])
def test_an_invalid_port_is_rejected(command: list[str], port: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*command, "--port", port]) == 2
    assert "Invalid value for '--port'" in capsys.readouterr().err


@pytest.mark.parametrize("option", ["--place", "--place-type"])
def test_an_empty_place_is_rejected(option: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "photo.jpg", option, ""]) == 2
    assert f"Invalid value for '{option}': it is empty" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [["up", "--app"], ["up", "--app", "x", "--none"], ["up", "--port"], ["show"]])
def test_an_error_of_usage_begins_with_the_command(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 2
    usage, message = capsys.readouterr().err.splitlines()
    assert usage.startswith(f"Usage: safelight {arguments[0]} ")
    assert message.startswith(f"safelight {arguments[0]}: error: ")


def test_a_port_in_use_is_reported(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        assert_one_line_and_nothing_running(
            tmp_path, "up", "--app", APP, "--port", port, says=f"port {port} cannot be used"
        )


def test_missing_node_is_reported(tmp_path: Path) -> None:
    # An interpreter with no Node.js beside it, and none on PATH.
    source = "import sys; sys.executable = '/nowhere/python'; from safelight_local.cli import main; sys.exit(main())"
    done = subprocess.run(
        [sys.executable, "-c", source, "up", "--app", APP],
        cwd=tmp_path,
        env=environment() | {"PATH": "/nowhere"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, len(done.stderr.splitlines())) == (2, 1), done
    assert "Node.js is missing" in done.stderr
    assert servers_of(tmp_path) == []


def test_a_failure_of_the_app_is_reported_and_everything_is_stopped(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text("raise ValueError('There is no workflow version v9.')\n")
    assert_one_line_and_nothing_running(
        tmp_path, "up", "--app", APP, says="cdk synth: There is no workflow version v9."
    )
    assert not (tmp_path / ".safelight" / "state.json").exists()


@pytest.mark.parametrize(
    ("app", "says"),
    [
        (f"{sys.executable} nothere.py", "No such file or directory"),
        (f"{sys.executable} broken.py", "SyntaxError: '(' was never closed"),
        (f"{sys.executable} empty.py", "This app contains no stacks"),
    ],
)
def test_an_app_that_cannot_run_is_reported_before_anything_starts(tmp_path: Path, app: str, says: str) -> None:
    (tmp_path / "broken.py").write_text("print(\n")
    (tmp_path / "empty.py").write_text("from aws_cdk import App\nApp().synth()\n")
    assert_one_line_and_nothing_running(tmp_path, "up", "--app", app, says=says)
    assert not (tmp_path / ".safelight" / "emulator.log").exists()


def test_an_app_without_a_system_of_safelight_is_deployed(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(NO_WORKFLOW)
    try:
        done = safelight(tmp_path, "up", "--app", APP)
        assert done.returncode == 0, done
        said, following = done.stdout.splitlines()[-2:]
        assert said == "The app is deployed. It has no workflow, delivery, website or redaction of Safelight."
        assert following == "Next: safelight env | safelight down"
    finally:
        safelight(tmp_path, "down")


@pytest.mark.parametrize("signal_sent", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_up_command_leaves_nothing_running(tmp_path: Path, signal_sent: signal.Signals) -> None:
    (tmp_path / "app.py").write_text("import time\nopen('deploying', 'w').close()\ntime.sleep(600)\n")
    process = start(tmp_path, "up", "--app", APP)
    while not (tmp_path / "deploying").exists():
        assert process.poll() is None, process.communicate()
    os.kill(process.pid, signal_sent)
    _, err = process.communicate(timeout=300)
    assert process.returncode == 130
    assert err == "safelight: Interrupted. Stopped everything that this command started.\n"
    assert servers_of(tmp_path) == []
    assert not (tmp_path / ".safelight" / "state.json").exists()


def test_an_interrupted_run_says_that_the_workflow_continues(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "photo.jpg").touch()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(run, "running", lambda _: nullcontext(SimpleNamespace(endpoints=None)))
    monkeypatch.setattr(run, "deployed_workflows", lambda _: [])
    monkeypatch.setattr(run, "choose_workflow", lambda _, name: name)
    monkeypatch.setattr(run, "upload_and_follow", interrupt)
    assert main(["run", "photo.jpg", "--place", "lido"]) == 130
    assert capsys.readouterr().err == "safelight: interrupted. The workflow continues: see `safelight executions`.\n"


def test_any_other_interrupted_command_says_only_that(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(executions, "running", interrupt)
    assert main(["executions"]) == 130
    assert capsys.readouterr().err == "safelight: interrupted.\n"


def test_down_with_nothing_up_is_no_error(tmp_path: Path) -> None:
    done = safelight(tmp_path, "down")
    assert (done.returncode, done.stdout) == (0, "Nothing is running in this folder.\n")


@pytest.mark.parametrize("command", [["--help"], ["down"], ["completion", "bash"], ["--version"]])
def test_a_closed_pipe_ends_a_command_silently(tmp_path: Path, command: list[str]) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        [sys.executable, "-m", "safelight_local", *command],
        cwd=tmp_path,
        env=environment(),
        stdout=writer,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    os.close(writer)
    assert (done.returncode, done.stderr) == (141, "")


def test_version_is_the_installed_packages(tmp_path: Path) -> None:
    assert safelight(tmp_path, "--version").stdout == f"safelight {importlib.metadata.version('safelight')}\n"


def test_help_has_examples(tmp_path: Path) -> None:
    assert "safelight run photo.jpg" in safelight(tmp_path, "--help").stdout


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_the_help_of_each_command_has_an_example_of_it(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([command, "--help"]) == 0
    assert f"    safelight {command}" in capsys.readouterr().out.partition("Examples:")[2]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_completion_script_names_the_command(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["completion", shell]) == 0
    assert f"_SAFELIGHT_COMPLETE={shell}_complete" in capsys.readouterr().out


def test_a_completion_script_without_a_shell_lists_the_shells_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["completion"]) == 2
    assert capsys.readouterr().err.endswith(
        "\nsafelight completion: error: Missing argument '{bash|zsh|fish}'. Choose from bash, zsh, fish.\n"
    )


def test_commands_and_options_are_completed(tmp_path: Path) -> None:
    for words, found in (
        ("safelight re", "plain,redact\nplain,reprocess\nplain,retry\n"),
        ("safelight run --pl", "plain,--place-type\nplain,--place\n"),
    ):
        asked = {"COMP_WORDS": words, "COMP_CWORD": str(len(words.split()) - 1), "_SAFELIGHT_COMPLETE": "bash_complete"}
        assert safelight(tmp_path, env=environment() | asked).stdout == found


def test_no_command_shows_the_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    assert "Commands:" in capsys.readouterr().err


def test_a_context_value_without_a_name_is_rejected(tmp_path: Path) -> None:
    done = safelight(tmp_path, "up", "-c", "v2")
    assert done.returncode == 2
    assert "'v2' is not KEY=VALUE" in done.stderr
