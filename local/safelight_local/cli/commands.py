"""What each sub-command of ``safelight`` does."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from botocore.exceptions import BotoCoreError
from rich.console import Console

from safelight_local.aws.deployment import DeployedWorkflow, choose_workflow, deployed_workflows
from safelight_local.aws.every_execution import every_execution, find_execution
from safelight_local.aws.executions import execution_statuses, passages
from safelight_local.aws.records import read_record, seed_place
from safelight_local.aws.uploads import Progress, Upload, follow, upload_file
from safelight_local.emulator import state
from safelight_local.emulator.cdk import Cli, bootstrap, deploy, find_cli, require_app
from safelight_local.emulator.services import (
    Services,
    require_running,
    start_services,
    stop_services,
)
from safelight_local.errors import UserError
from safelight_local.terminal import (
    executions_table,
    live_uploads,
    show_execution,
    show_workflows,
    shown,
    step,
)

OUTCOME_SECONDS = 300.0
"""How long an upload's outcome is waited for."""

_DEFAULT_PLACE = "park"


def up(
    *,
    project: Path,
    app: str | None,
    context: Sequence[str],
    fixtures: Path | None,
    port: int | None,
    console: Console,
) -> None:
    """Start the emulator and the stand-in where they are not running, and deploy a CDK app.

    Parameters
    ----------
    project : Path
        The folder of the app, and of the state.
    app : str or None
        The command that runs the app; None takes it from ``cdk.json``.
    context : Sequence[str]
        Context values as ``KEY=VALUE``.
    fixtures : Path or None
        Answers of the stand-in for named images.
    port : int or None
        The emulator's port; None has a free one chosen.
    console : Console
        Where to report.

    Raises
    ------
    UserError
        When something does not start or deploy. What this call has started is stopped then.
    """
    require_app(project, app=app)
    cli = find_cli(project)
    folder = state.open_folder(project)
    running = state.load(project=project)
    if running is not None and _all_running(running):
        if port is not None or fixtures is not None:
            raise UserError("it is up already: run `safelight down` first to choose another port or other fixtures")
        console.print(f"It is up already, at {running.endpoints.url}.")
        with _watched(running, project=project):
            _deploy(running, cli=cli, project=project, app=app, context=context, folder=folder, console=console)
        return
    if running is not None:
        stop_services(running)
        state.forget(project=project)
    with step(console, "Starting the emulator and the Rekognition stand-in"):
        services = start_services(folder, port=port, fixtures=fixtures)
    try:
        state.save(services, project=project)
        with _watched(services, project=project):
            with step(console, "Bootstrapping") as progress:
                bootstrap(cli, endpoints=services.endpoints, folder=folder, progress=progress)
            _deploy(services, cli=cli, project=project, app=app, context=context, folder=folder, console=console)
    except BaseException:
        stop_services(services)
        state.forget(project=project)
        raise


def down(*, project: Path, console: Console) -> None:
    """Stop what ``up`` has started.

    Parameters
    ----------
    project : Path
        The folder that ``up`` was run in.
    console : Console
        Where to report.
    """
    running = state.load(project=project)
    if running is None:
        console.print("Nothing is up.")
        return
    stop_services(running)
    state.forget(project=project)
    console.print("Stopped. What was deployed is gone; logs are in .safelight.")


def run(
    *,
    project: Path,
    images: Sequence[Path],
    place_type: str | None,
    place_id: str | None,
    workflow_name: str | None,
    console: Console,
) -> None:
    """Upload image files, wait for their outcomes and print a row each.

    Parameters
    ----------
    project : Path
        The folder that ``up`` was run in.
    images : Sequence[Path]
        The files.
    place_type : str or None
        The type of the place to upload to. None leaves the listing of ``place_id`` as it is.
    place_id : str or None
        The place to upload to; None takes one named after its type.
    workflow_name : str or None
        Which workflow, where more than one is deployed.
    console : Console
        Where to report.

    Raises
    ------
    UserError
        When a file is not there or is a folder, nothing is up, or an upload gets no outcome.
    """
    for image in images:
        _require_file(image)
    with running(project) as services:
        workflow = choose_workflow(deployed_workflows(services.endpoints), name=workflow_name)
        type_to_seed = place_type or (None if place_id else _DEFAULT_PLACE)
        place = place_id or (type_to_seed or _DEFAULT_PLACE).replace(" ", "-")
        if type_to_seed is not None:
            seed_place(
                services.endpoints,
                workflow=workflow,
                place_id=place,
                place_type=type_to_seed,
                name=f"A {type_to_seed}",
            )
        progress = upload_and_follow(
            services,
            workflow=workflow,
            uploads=[(image, place, type_to_seed or "-") for image in images],
            console=console,
        )
    without = [item.upload.key for item in progress if item.record is None]
    if without:
        raise UserError(
            f"no outcome is recorded of {', '.join(without)}: see `safelight executions` and .safelight/*.log"
        )


def upload_and_follow(
    services: Services,
    *,
    workflow: DeployedWorkflow,
    uploads: Sequence[tuple[Path, str, str]],
    console: Console,
) -> list[Progress]:
    """Upload files and show a table of them until each has its outcome.

    Parameters
    ----------
    services : Services
        Where the workflow runs.
    workflow : DeployedWorkflow
        The workflow to start.
    uploads : Sequence[tuple[Path, str, str]]
        File, id of its place, and type of the place.
    console : Console
        Where to show it.

    Returns
    -------
    list[Progress]
        One an upload, in their order.
    """
    earlier = execution_statuses(services.endpoints, state_machine_arn=workflow.state_machine_arn)
    uploaded = [
        upload_file(services, workflow=workflow, path=path, place_id=place_id, place_type=place_type)
        for path, place_id, place_type in uploads
    ]
    with live_uploads(console) as changed:
        return follow(
            services,
            workflow=workflow,
            uploads=uploaded,
            earlier=frozenset(earlier),
            seconds=OUTCOME_SECONDS,
            changed=changed,
        )


def executions(*, project: Path, console: Console) -> None:
    """Print the executions of all workflows, the latest first.

    Parameters
    ----------
    project : Path
        The folder that ``up`` was run in.
    console : Console
        Where to print them.
    """
    with running(project) as services:
        found = list(every_execution(services.endpoints))
    found.sort(key=lambda pair: pair[1].started, reverse=True)
    if found:
        console.print(executions_table(found, console=console))
    else:
        console.print("No execution yet: upload an image with `safelight run IMAGE`.")


def show(*, project: Path, execution: str, console: Console) -> None:
    """Print one execution: the states that it passed through, its outcome, record and renditions.

    Parameters
    ----------
    project : Path
        The folder that ``up`` was run in.
    execution : str
        Its name or ARN.
    console : Console
        Where to print it.

    Raises
    ------
    UserError
        When there is no such execution.
    """
    with running(project) as services:
        workflow, found = find_execution(services.endpoints, named=execution)
        upload = found.upload
        key = upload.get("key", "-")
        item = Progress(
            upload=Upload(key=key, etag=upload.get("etag", ""), place_type="-"),
            execution=found,
            states=passages(services.endpoints, arn=found.arn),
            record=read_record(services.endpoints, workflow=workflow, key=key, sequencer=upload.get("sequencer", "")),
        )
    show_execution(item, workflow=workflow, console=console)


def dng(file: Path, *, output: Path | None, console: Console) -> None:
    """Turn a Raspberry Pi's JPEG with raw data into a DNG, and say what it is.

    Parameters
    ----------
    file : Path
        The JPEG.
    output : Path or None
        The DNG; None has it written beside the JPEG.
    console : Console
        Where to report.

    Raises
    ------
    UserError
        When it cannot be read, converted or written.
    """
    # NumPy takes longer to import than most commands take.
    from safelight_local.dng import convert_file

    written, made = convert_file(file, output=output)
    size = f"{made.width} x {made.height}"
    text = f"{written}: {size}, {made.camera}, white from {made.white_balance}"
    console.print(shown(text), soft_wrap=True)


def _deploy(
    services: Services,
    *,
    cli: Cli,
    project: Path,
    app: str | None,
    context: Sequence[str],
    folder: Path,
    console: Console,
) -> None:
    with step(console, "Deploying") as progress:
        deploy(
            cli,
            endpoints=services.endpoints,
            project=project,
            app=app,
            context=context,
            folder=folder,
            progress=progress,
        )
    workflows = deployed_workflows(services.endpoints)
    if not workflows:
        choose_workflow(workflows)
    show_workflows(workflows, console=console)
    console.print("Next: safelight run IMAGE... | safelight executions | safelight down")


def _require_file(image: Path) -> None:
    if image.is_dir():
        raise UserError(f"{image} is a folder: name the image files in it")
    try:
        image.open("rb").close()
    except OSError as error:
        raise UserError(f"no such image file: {image} ({error.strerror})") from error


def _all_running(services: Services) -> bool:
    try:
        require_running(services)
    except UserError:
        return False
    return True


@contextmanager
def running(project: Path) -> Iterator[Services]:
    """Have what ``up`` has started for the length of a ``with`` block.

    Parameters
    ----------
    project : Path
        The folder that ``up`` was run in.

    Yields
    ------
    Services
        Still running when the block ends.

    Raises
    ------
    UserError
        When nothing is up, or a server has died; what is left is stopped then.
    """
    services = state.load(project=project)
    if services is None:
        raise UserError("nothing is up in this folder: run `safelight up` first")
    with _watched(services, project=project):
        yield services


@contextmanager
def _watched(services: Services, *, project: Path) -> Iterator[None]:
    """Say that a server has died, in place of the errors that follow from it, and stop what is left."""
    try:
        require_running(services)
        try:
            yield
        except (BotoCoreError, UserError):
            require_running(services)
            raise
    except UserError as error:
        if _all_running(services):
            raise
        stop_services(services)
        state.forget(project=project)
        raise UserError(f"{error}; start again with `safelight up`") from error
