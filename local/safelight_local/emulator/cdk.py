"""Bootstraps the emulator and deploys a CDK app to it with the real CDK CLI."""

import re
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from safelight_local.emulator.endpoints import ACCOUNT, REGION, Endpoints
from safelight_local.errors import UserError
from safelight_local.nodejs import find_cdk, find_node, search_path
from safelight_local.servers import kill_group

_PLATFORM = "safelight:platform=local"
_COLOUR = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
_EXCEPTION = re.compile(r"^(?:[A-Za-z_][\w.]*\.)?([A-Z]\w*(?:Error|Exception|Failure|Exit|Interrupt)): (.*)$")
_CLI_ERROR = re.compile(r"^(?:❌\s*)?(?:.*\bfailed: )?(?:\w*Error|\[Error at [^]]+\]):? (.*)$")
_SYNTHESISED = re.compile(r"^✨\s+Synthesis time:")
# The count of an event includes the stack itself. The CDK knows the total only where it deploys a change set.
_EVENT = re.compile(r"^[\w-]+ \| +(\d+)(?:/(\d+))? \| ")
_QUIET = {"CDK_DISABLE_CLI_TELEMETRY": "true", "JSII_SILENCE_WARNING_UNTESTED_NODE_VERSION": "1"}
_COMMON = ("--no-notices", "--no-version-reporting", "--no-color", "--ci")


@dataclass(frozen=True, kw_only=True)
class Cli:
    """A CDK CLI that was found, and where its Node.js is.

    Attributes
    ----------
    program : str
        The path of ``cdk``.
    search_path : str
        The ``PATH`` to run it with: this interpreter's folder, then the user's.
    """

    program: str
    search_path: str


def validate_app(project: Path, *, app: str | None) -> None:
    """Check that there is an app to deploy.

    Parameters
    ----------
    project : Path
        The folder to run the app in.
    app : str or None
        The command that runs the app; None takes it from the folder's ``cdk.json``, which must be there then.

    Raises
    ------
    UserError
        When neither names an app.
    """
    if app is None and not (project / "cdk.json").is_file():
        raise UserError(f'no cdk.json in {project}: go to the folder of a CDK app, or give --app "python app.py"')


def find_cli(project: Path) -> Cli:
    """Find Node.js and the CDK CLI for a project.

    Parameters
    ----------
    project : Path
        The folder of the app.

    Returns
    -------
    Cli
        The program and its search path.

    Raises
    ------
    UserError
        When Node.js is missing or older than 22, or no CDK CLI is found.
    """
    find_node(needed_by="the AWS CDK CLI")
    return Cli(program=find_cdk(project), search_path=search_path())


def bootstrap(cli: Cli, *, endpoints: Endpoints, folder: Path, progress: Callable[[str], None]) -> None:
    """Make the bucket and roles in the emulator that a deployment needs.

    Parameters
    ----------
    cli : Cli
        From `find_cli`.
    endpoints : Endpoints
        The emulator.
    folder : Path
        A folder that holds no CDK app, so that none is synthesised; takes ``bootstrap.log``.
    progress : Callable[[str], None]
        Called with how far it is, as by `progress_of`.

    Raises
    ------
    UserError
        With the CLI's own message.
    """
    _run(
        [cli.program, "bootstrap", f"aws://{ACCOUNT}/{REGION}", *_COMMON],
        env=_environment(cli, endpoints),
        folder=folder,
        log=folder / "bootstrap.log",
        progress=progress,
    )


def deploy(
    cli: Cli,
    *,
    endpoints: Endpoints,
    project: Path,
    app: str | None,
    context: Sequence[str],
    folder: Path,
    progress: Callable[[str], None],
) -> None:
    """Deploy every stack of an app, its functions built for this interpreter and processor.

    Parameters
    ----------
    cli : Cli
        From `find_cli`.
    endpoints : Endpoints
        The emulator, bootstrapped.
    project : Path
        The folder to run the app in.
    app : str or None
        The command that runs the app; None takes it from the project's ``cdk.json``.
    context : Sequence[str]
        Context values as ``KEY=VALUE``.
    folder : Path
        Takes the synthesised templates (``cdk.out``) and ``deploy.log``.
    progress : Callable[[str], None]
        Called with how far it is, as by `progress_of`.

    Raises
    ------
    UserError
        With the message of the app's exception, or of the CLI; and when there is no app to deploy.
    """
    validate_app(project, app=app)
    command = [cli.program, "deploy", "--all", "--require-approval", "never", "--progress", "events"]
    command += [*_COMMON, "--method", "direct", "--output", str(folder / "cdk.out"), "--context", _PLATFORM]
    for item in context:
        command += ["--context", item]
    if app is not None:
        command += ["--app", app]
    progress("running the app, which builds the functions")
    _run(command, env=_environment(cli, endpoints), folder=project, log=folder / "deploy.log", progress=progress)


def progress_of(line: str) -> str | None:
    """Find how far a run of the CLI is in a line of its output.

    Parameters
    ----------
    line : str
        The line, without colours.

    Returns
    -------
    str or None
        Such as ``23 of 61 resources``, or ``23 resources`` if the line has no total. None if the line does not say.
    """
    if _SYNTHESISED.match(line):
        return "publishing functions and templates"
    event = _EVENT.match(line)
    if event is None:
        return None
    done, total = event.groups()
    return f"{done} of {total} resources" if total else f"{done} resources"


def message_of(output: str) -> str:
    """Find the error message in the output of a failed run of the CLI.

    Parameters
    ----------
    output : str
        All that the CLI and the app wrote.

    Returns
    -------
    str
        The message of the last Python exception, or of the CLI's own error; else the last line. One line.
    """
    lines = [_COLOUR.sub("", line).strip() for line in output.splitlines()]
    for pattern in (_EXCEPTION, _CLI_ERROR):
        for line in reversed(lines):
            found = pattern.match(line)
            if found and not found.group(found.lastindex or 0).startswith("Subprocess exited"):
                return _one_line(line, found)
    return next((line for line in reversed(lines) if line), "it wrote nothing")


def _one_line(line: str, found: re.Match[str]) -> str:
    # The message of a ValueError is meant for the user. For other exceptions, the name is needed too.
    return found.group(2) if found.re is _EXCEPTION and found.group(1) == "ValueError" else line


def _environment(cli: Cli, endpoints: Endpoints) -> dict[str, str]:
    return endpoints.environment() | _QUIET | {"PATH": cli.search_path}


def _run(
    command: Sequence[str],
    *,
    env: Mapping[str, str],
    folder: Path,
    log: Path,
    progress: Callable[[str], None],
) -> None:
    lines = []
    with (
        log.open("w") as file,
        subprocess.Popen(  # noqa: S603 - the CDK CLI that was found
            command,
            env=env,
            cwd=folder,
            start_new_session=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        ) as process,
    ):
        try:
            for line in process.stdout or ():
                file.write(line)
                file.flush()
                lines.append(line)
                reached = progress_of(_COLOUR.sub("", line).rstrip())
                if reached is not None:
                    progress(reached)
        except BaseException:
            # The CLI runs the app, and the app may run pip. All are in its process group.
            kill_group(process.pid)
            raise
    if process.returncode != 0:
        raise UserError(f"cdk {command[1]}: {message_of(''.join(lines))} (all of it in {log})")
