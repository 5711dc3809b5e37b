"""Bootstraps the emulator and deploys a CDK app to it with the real CDK CLI."""

import math
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from safelight_local.cdk_cli import fetch_cli, fetched_cli, installed_cli
from safelight_local.emulator.assembly import MANIFEST, Bootstrap, needs_lookups
from safelight_local.emulator.cdk_output import Watch, message_of, progress_of, without_colours
from safelight_local.emulator.endpoints import Endpoints, environment_without_emulator
from safelight_local.errors import UserError
from safelight_local.nodejs import find_node, search_path
from safelight_local.servers import kill_group

_PLATFORM = "safelight:platform=local"
# The permissions of CloudFormation in an account that others deploy to. The CDK gives the same to its own account.
_EVERYTHING = "arn:aws:iam::aws:policy/AdministratorAccess"
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


def find_cli(project: Path, *, progress: Callable[[str], None] = lambda _: None) -> Cli:
    """Find Node.js and the CDK CLI for a project. Where there is no CLI, fetch one.

    Parameters
    ----------
    project : Path
        The folder of the app. The CLI in its ``node_modules`` or in a parent's comes first, then the one beside
        this interpreter, then the one on ``PATH``, then the one in the cache folder.
    progress : Callable[[str], None], optional
        Gets a line of text before each step that takes long. Default: no output.

    Returns
    -------
    Cli
        The program and its search path.

    Raises
    ------
    UserError
        When Node.js is missing or older than 22, or no CDK CLI is found and none can be fetched.
    """
    find_node(needed_by="the AWS CDK CLI")
    program = installed_cli(project) or fetched_cli() or fetch_cli(progress=progress)
    return Cli(program=str(program), search_path=search_path())


def synthesise(
    cli: Cli,
    *,
    endpoints: Endpoints | None,
    project: Path,
    app: str | None,
    context: Sequence[str],
    folder: Path,
    progress: Callable[[str], None],
) -> Path:
    """Run an app, which builds its functions for this interpreter and processor.

    An app that is a folder of synthesised templates is not run.

    Parameters
    ----------
    cli : Cli
        From `find_cli`.
    endpoints : Endpoints or None
        The emulator, which answers lookups, such as that of availability zones. Its environments are bootstrapped.
        None leaves lookups out: the app gets dummy values, and `needs_lookups` says whether it has any.
    project : Path
        The folder to run the app in.
    app : str or None
        The command that runs the app, or the folder of its synthesised templates; None takes the command from the
        project's ``cdk.json``.
    context : Sequence[str]
        Context values as ``KEY=VALUE``.
    folder : Path
        Takes the synthesised templates (``cdk.out``) and ``synth.log``.
    progress : Callable[[str], None]
        Called with how far it is, as by `progress_of`.

    Returns
    -------
    Path
        The folder of the synthesised templates.

    Raises
    ------
    UserError
        With the message of the app's exception, or of the CLI; and when there is no app to run.
    """
    validate_app(project, app=app)
    if app is not None and (project / app).is_dir():
        return _assembly(project / app)
    output = folder / "cdk.out"
    command = [
        cli.program,
        "synth",
        "--quiet",
        "--no-lookups" if endpoints is None else "--lookups",
        *_COMMON,
        "--output",
        str(output),
        "--context",
        _PLATFORM,
    ]
    for item in context:
        command += ["--context", item]
    if app is not None:
        command += ["--app", app]
    # What an earlier run has left says nothing of this one. The functions that it built are used again.
    (output / MANIFEST).unlink(missing_ok=True)
    with _unchanged(project / "cdk.context.json"):
        try:
            _run(
                command,
                env=_environment(cli, endpoints),
                folder=project,
                log=folder / "synth.log",
                progress=progress,
            )
        except UserError:
            # The CLI fails on missing context, and leaves the assembly.
            if endpoints is not None or not needs_lookups(output):
                raise
    return output


def bootstrap(
    cli: Cli, *, endpoints: Endpoints, needed: Bootstrap, folder: Path, progress: Callable[[str], None]
) -> None:
    """Make the bucket and roles in an environment of the emulator that a deployment to it needs.

    Parameters
    ----------
    cli : Cli
        From `find_cli`.
    endpoints : Endpoints
        The emulator, with the clients that deploy.
    needed : Bootstrap
        The environment and the qualifier.
    folder : Path
        A folder that holds no CDK app, so that none is synthesised; takes ``bootstrap.log``.
    progress : Callable[[str], None]
        Called with the progress, in the format of `progress_of`.

    Raises
    ------
    UserError
        With the CLI's own message.
    """
    command = [cli.program, "bootstrap", str(needed.environment), *_COMMON]
    if not needed.is_default:
        command += ["--qualifier", needed.qualifier, "--toolkit-stack-name", f"CDKToolkit-{needed.qualifier}"]
    if needed.environment.account != endpoints.home.account:
        command += ["--trust", endpoints.home.account, "--cloudformation-execution-policies", _EVERYTHING]
    _run(
        command,
        env=_environment(cli, endpoints.at(needed.environment)),
        folder=folder,
        log=folder / "bootstrap.log",
        progress=progress,
    )


def deploy(
    cli: Cli,
    *,
    endpoints: Endpoints,
    assembly: Path,
    folder: Path,
    seconds: float,
    progress: Callable[[str], None],
) -> None:
    """Deploy every stack of an app, those of its stages too.

    Parameters
    ----------
    cli : Cli
        From `find_cli`.
    endpoints : Endpoints
        The emulator. The environments of the stacks are bootstrapped.
    assembly : Path
        From `synthesise`.
    folder : Path
        Takes ``deploy.log``.
    seconds : float
        After how many seconds without an event of a stack the deployment is stopped.
    progress : Callable[[str], None]
        Called with the progress, in the format of `progress_of`.

    Raises
    ------
    UserError
        With the message of the CLI, or with the resources that are in progress when the deployment is stopped.
    """
    command = [cli.program, "deploy", "**", "--app", str(assembly), "--require-approval", "never"]
    command += [*_COMMON, "--progress", "events", "--method", "direct"]
    _run(
        command,
        env=_environment(cli, endpoints),
        folder=folder,
        log=folder / "deploy.log",
        progress=progress,
        seconds=seconds,
    )


def _assembly(folder: Path) -> Path:
    """Return a folder with synthesised templates. The CLI deploys from it, and copies none of its files."""
    if not (folder / MANIFEST).is_file():
        raise UserError(f"{folder} has no {MANIFEST}: --app takes a command, or a folder that `cdk synth` has written")
    return folder


def _environment(cli: Cli, endpoints: Endpoints | None) -> dict[str, str]:
    given = environment_without_emulator() if endpoints is None else endpoints.environment()
    return given | _QUIET | {"PATH": cli.search_path}


@contextmanager
def _unchanged(file: Path) -> Iterator[None]:
    """Undo what is written to a file. What the emulator answers to a lookup is not true of AWS."""
    earlier = file.read_bytes() if file.is_file() else None
    try:
        yield
    finally:
        if earlier is None:
            file.unlink(missing_ok=True)
        elif file.read_bytes() != earlier:
            file.write_bytes(earlier)


def _run(
    command: Sequence[str],
    *,
    env: Mapping[str, str],
    folder: Path,
    log: Path,
    progress: Callable[[str], None],
    seconds: float = math.inf,
) -> None:
    lines = []
    watch = Watch(seconds=seconds)
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
            # The CLI runs the app, and the app may run pip. All are in its process group.
            with watch.ending(lambda: kill_group(process.pid)):
                for line in process.stdout or ():
                    file.write(line)
                    file.flush()
                    lines.append(line)
                    plain = without_colours(line).rstrip()
                    watch.hear(plain)
                    reached = progress_of(plain)
                    if reached is not None:
                        progress(reached)
        except BaseException:
            kill_group(process.pid)
            raise
    if watch.has_ended:
        raise UserError(
            f"cdk {command[1]} stands still: no event for {seconds:.0f} s, and {watch.in_progress} "
            f"(full output: {log}; output of functions: {log.with_name('emulator.log')}). "
            "Start again with `safelight down` and `safelight up`; --timeout waits longer"
        )
    if process.returncode != 0:
        raise UserError(f"cdk {command[1]}: {message_of(''.join(lines))} (full output: {log})")
