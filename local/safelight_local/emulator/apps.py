"""Deploys an app to the emulator: everything that it names, in every account and region."""

from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path

from safelight_local.emulator.assembly import Bootstrap, CustomResource, custom_resources, needs_lookups, read_stacks
from safelight_local.emulator.cdk import Cli, bootstrap, deploy, synthesise
from safelight_local.emulator.endpoints import Endpoints
from safelight_local.emulator.sdk import is_prepared, prepare_sdk
from safelight_local.errors import UserError

STALL_SECONDS = 120
"""After how many seconds without an event a deployment is stopped. Default of ``safelight up --timeout``."""

_INSTEAD = {
    "Custom::LogRetention": "give the function log_group=LogGroup(...) instead of log_retention=",
    "Custom::S3AutoDeleteObjects": "leave out auto_delete_objects=True",
}
_LEAVE_OUT = "leave the construct out"
_WHERE = 'where app.node.try_get_context("safelight:platform") is "local"'


def run_app(
    cli: Cli,
    *,
    project: Path,
    app: str | None,
    context: Sequence[str],
    folder: Path,
    step: Callable[[str], AbstractContextManager[Callable[[str], None]]],
) -> Path:
    """Run an app. It needs no emulator.

    The parameters are those of `deploy_app`.

    Returns the folder of the synthesised templates. Raises UserError with the message of the app's exception, or of the
    CLI, and when the app has no stack.
    """
    with step("Running the app, which builds the functions") as progress:
        assembly = synthesise(
            cli, endpoints=None, project=project, app=app, context=context, folder=folder, progress=progress
        )
    if not read_stacks(assembly):
        raise UserError("the app has no stacks to deploy")
    return assembly


def deploy_app(
    cli: Cli,
    *,
    endpoints: Endpoints,
    project: Path,
    app: str | None,
    context: Sequence[str],
    folder: Path,
    seconds: float,
    step: Callable[[str], AbstractContextManager[Callable[[str], None]]],
    assembly: Path | None = None,
) -> Endpoints:
    """Run an app, bootstrap the environments that it names, and deploy all of its stacks.

    `app`: the command that runs the app; None takes it from the project's ``cdk.json``.
    `context`: Context values as ``KEY=VALUE``.
    `folder`: a folder that holds no CDK app. It takes logs and synthesised templates.
    `seconds`: After how many seconds without an event of a stack the deployment is stopped.
    `step`: Begins a step of a title. In its ``with`` block there is a function that says how far the step is.
    `assembly`: the result of `run_app`. Default: the app is run first.

    Returns the emulator, with the environments of all apps that were deployed to it. Raises UserError with the message
    of the app's exception, or of the CLI; when the app has no stack; when what a custom resource needs cannot be had;
    and when the deployment stands still.
    """
    if assembly is None:
        assembly = run_app(cli, project=project, app=app, context=context, folder=folder, step=step)
    stacks = read_stacks(assembly)
    _prepare_handlers([it for stack in stacks for it in custom_resources(stack)], step=step)
    for needed in sorted({stack.bootstrap for stack in stacks}):
        if not _is_bootstrapped(endpoints, needed):
            title = f"Bootstrapping {needed.environment}" + ("" if needed.is_default else f" ({needed.qualifier})")
            with step(title) as progress:
                bootstrap(cli, endpoints=endpoints, needed=needed, folder=folder, progress=progress)
    if needs_lookups(assembly):
        with step("Running the app again, with its lookups") as progress:
            assembly = synthesise(
                cli, endpoints=endpoints, project=project, app=app, context=context, folder=folder, progress=progress
            )
    with step("Deploying") as progress:
        deploy(cli, endpoints=endpoints, assembly=assembly, folder=folder, seconds=seconds, progress=progress)
    # An app that was deployed earlier stays.
    environments = {*endpoints.environments, *(stack.bootstrap.environment for stack in stacks)}
    return replace(endpoints, environments=tuple(sorted(environments)))


def _is_bootstrapped(endpoints: Endpoints, needed: Bootstrap) -> bool:
    there = endpoints.at(needed.environment)
    ssm = there.session.client("ssm", **there.client_settings)
    return bool(ssm.get_parameters(Names=[needed.version_parameter])["Parameters"])


def _prepare_handlers(
    resources: Iterable[CustomResource],
    *,
    step: Callable[[str], AbstractContextManager[Callable[[str], None]]],
) -> None:
    for resource in resources:
        if is_prepared(resource.packages):
            continue
        with step(f"Fetching the AWS SDK for Node.js for {resource.type}") as progress:
            try:
                prepare_sdk(resource.packages, progress=progress)
            except UserError as error:
                instead = _INSTEAD.get(resource.type, _LEAVE_OUT)
                raise UserError(f"{resource.type} {resource.path}: {error}. Or {instead} {_WHERE}") from error
