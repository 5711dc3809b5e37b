"""``safelight up``: start the emulator and the Rekognition stand-in, and deploy a CDK app to them."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import click

from safelight_local.aws.deliveries import deployed_deliveries
from safelight_local.aws.deployment import deployed_workflows
from safelight_local.aws.redactions import deployed_redactions
from safelight_local.aws.websites import deployed_websites
from safelight_local.cli._help import PORT, examples
from safelight_local.cli._watch import watch as watch_files
from safelight_local.emulator import state
from safelight_local.emulator.apps import STALL_SECONDS, deploy_app, run_app
from safelight_local.emulator.cdk import find_cli, validate_app
from safelight_local.emulator.services import Services, start_services
from safelight_local.emulator.session import all_running, alone, stop_all, watched
from safelight_local.errors import UserError, when_interrupted
from safelight_local.rekognition.calls import OPERATIONS
from safelight_local.rekognition.fixtures import read_fixtures
from safelight_local.saved_files import see_files
from safelight_local.servers import validate_free_port
from safelight_local.tables import show_deployed
from safelight_local.terminal import make_console, step, waiting


def _validate_context(_context: click.Context, _option: click.Parameter, values: tuple[str, ...]) -> tuple[str, ...]:
    for text in values:
        name, equals, _ = text.partition("=")
        if not (name and equals):
            raise click.BadParameter(f"{text!r} is not KEY=VALUE")
    return values


@click.command(
    short_help="Start the emulator and deploy a CDK app.",
    epilog=examples("""\
  safelight up
  safelight up --app "python app.py" -c version=v2
  safelight up --watch
  safelight up --fixtures answers.json --port 4566
"""),
)
@click.option(
    "--app",
    metavar="CMD",
    help="The command that runs the app, or a folder that cdk synth has written (default: from cdk.json).",
)
@click.option(
    "-c",
    "--context",
    metavar="KEY=VALUE",
    multiple=True,
    callback=_validate_context,
    help="A context value for the app, such as version=v2. You can repeat it.",
)
@click.option(
    "--fixtures",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Answers of the Rekognition stand-in for named images.",
)
@click.option("--port", metavar="N", type=PORT, help="The emulator's port (default: a free one).")
@click.option(
    "--timeout",
    metavar="SECONDS",
    type=click.IntRange(min=1),
    default=STALL_SECONDS,
    help=f"Stop a deployment after so many seconds without an event of a stack (default: {STALL_SECONDS}).",
)
@click.option("--watch", is_flag=True, help="Deploy again whenever a file is saved, until Ctrl-C.")
def command(
    *,
    app: str | None,
    context: Sequence[str],
    fixtures: Path | None,
    port: int | None,
    timeout: int,
    watch: bool,
) -> None:
    """Start the emulator and the Rekognition stand-in on loopback, and deploy every stack of a CDK app to the emulator.

    If they already run, deploy again. With --watch, the code of a function that is saved is replaced without a
    deployment. Hidden files, and folders such as node_modules, are not watched.
    """
    project, console = Path.cwd(), make_console()
    validate_app(project, app=app)
    if fixtures is not None:
        read_fixtures(fixtures, operations=OPERATIONS)
    with waiting("Looking for the AWS CDK CLI") as show:
        cli = find_cli(project, progress=show)
    folder = state.open_folder(project)
    seen = see_files(project) if watch else {}

    begin = partial(step, console)
    run = partial(run_app, cli, project=project, app=app, context=context, folder=folder, step=begin)

    def deploy(services: Services, *, assembly: Path) -> None:
        with watched(services, project=project):
            endpoints = deploy_app(
                cli,
                endpoints=services.endpoints,
                project=project,
                app=app,
                context=context,
                folder=folder,
                seconds=timeout,
                step=begin,
                assembly=assembly,
            )
            state.save(services.at(endpoints), project=project)
            workflows, deliveries = deployed_workflows(endpoints), deployed_deliveries(endpoints)
            websites, redactions = deployed_websites(endpoints), deployed_redactions(endpoints)
        show_deployed(
            workflows=workflows, deliveries=deliveries, websites=websites, redactions=redactions, console=console
        )

    with alone(project):
        earlier = state.load(project=project)
        if earlier is not None and all_running(earlier):
            if port is not None or fixtures is not None:
                raise UserError(
                    "the emulator is running: run `safelight down` first to choose another port or other fixtures"
                )
            console.print(f"The emulator is already running at {earlier.endpoints.url}.")
            deploy(earlier, assembly=run())
        else:
            stop_all(project)
            if port is not None:
                validate_free_port(port)
            with when_interrupted("Interrupted. Stopped everything that this command started."):
                # An app that cannot run is reported before anything starts.
                assembly = run()
                with begin("Starting the emulator and the Rekognition stand-in") as progress:
                    services = start_services(folder, port=port, fixtures=fixtures, progress=progress)
                try:
                    state.save(services, project=project)
                    deploy(services, assembly=assembly)
                except BaseException:
                    stop_all(project)
                    raise
    if watch:
        watch_files(project, seen=seen, deploy=lambda services: deploy(services, assembly=run()), console=console)
