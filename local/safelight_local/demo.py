"""Deploys the app in this folder, uploads sample photographs, and shows their outcomes. Then it delivers and redacts.

Run as ``python -m safelight_local.demo``, in the folder of the app.
"""

import shutil
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import click
from rich.console import Console

from safelight_contracts.records import Status
from safelight_local import demo_delivery, demo_redaction
from safelight_local.aws.deployment import DeployedWorkflow, choose_workflow, deployed_workflows
from safelight_local.aws.records import seed_place
from safelight_local.aws.uploads import Progress
from safelight_local.cli._help import examples
from safelight_local.cli._program import SETTINGS, run_program
from safelight_local.demo_delivery import deliver_samples
from safelight_local.demo_redaction import redact_samples
from safelight_local.emulator.apps import STALL_SECONDS, deploy_app
from safelight_local.emulator.cdk import find_cli, validate_app
from safelight_local.emulator.services import Services, require_running, running_services
from safelight_local.errors import UserError
from safelight_local.follow import upload_and_follow
from safelight_local.live_uploads import live_uploads
from safelight_local.samples import Samples, write_samples
from safelight_local.terminal import make_console, shown, step, waiting
from safelight_local.visible_text import visible

PLACES = {"riverside": "park", "corner-bistro": "restaurant", "lido": "swimming pool"}
"""Place id -> place type of the listings that the demo writes."""

_NO_LISTING = "nowhere"
_NAMES = {"riverside": "Riverside Park", "corner-bistro": "Corner Bistro", "lido": "City Lido"}
_WRONG_OUTCOME = 1


@dataclass(frozen=True, kw_only=True)
class Case:
    """An upload of the demo and its expected outcome.

    `reason`: Why it should be rejected; None when it should be published.
    """

    path: Path
    place_id: str
    reason: str | None


def cases(samples: Samples, *, version: str) -> list[Case]:
    """List the uploads of the demo and their expected outcomes in a version.

    `version`: ``v1`` to ``v5``.

    Result: ten uploads. Every version rejects the file that is not an image. v3 and later check sizes, v4 and later
    places.
    """
    too_small = "IMAGE_TOO_SMALL" if version in ("v3", "v4", "v5") else None
    on_route = version in ("v4", "v5")
    return [
        Case(path=samples.landscape, place_id="riverside", reason=None),
        Case(path=samples.small, place_id="riverside", reason=too_small),
        Case(path=samples.person, place_id="riverside", reason=None),
        Case(path=samples.person, place_id="corner-bistro", reason="NO_PEOPLE_ALLOWED" if on_route else None),
        Case(path=samples.landscape, place_id="corner-bistro", reason=None),
        Case(path=samples.sideways, place_id="riverside", reason=None),
        Case(path=samples.text, place_id="riverside", reason="UNREADABLE_IMAGE"),
        Case(path=samples.odd_name, place_id="riverside", reason=None),
        Case(path=samples.landscape, place_id="lido", reason="UNSUPPORTED_PLACE_TYPE" if on_route else None),
        Case(path=samples.landscape, place_id=_NO_LISTING, reason="PLACE_NOT_FOUND" if on_route else None),
    ]


def unexpected(progress: Progress, case: Case) -> str | None:
    """Compare an upload's outcome with the expected one.

    Returns what is wrong, in one line. None if nothing is.
    """
    wanted = (Status.REJECTED, case.reason) if case.reason else (Status.PUBLISHED, None)
    found = (progress.record.status, progress.record.reason) if progress.record else ("no outcome", None)
    if found == wanted:
        return None
    return f"{progress.upload.key}: {_words(*found)}, and it should be {_words(*wanted)}"


def run_demo(*, version: str, output: Path, folder: Path, console: Console) -> list[str]:
    """Start, deploy, upload, report, fetch the renditions, deliver, redact, and stop what was started.

    `version`: the workflow's version, given to the app as its context value ``version``.
    `output`: the folder for the renditions; made when it is not there.

    Returns one line for each unexpected outcome. Empty if there is none. Raises UserError if
    something is missing or does not start or deploy.
    """
    project = Path.cwd()
    validate_app(project, app=None)
    for app in (demo_delivery.APP, demo_redaction.APP):
        if not (project / app).is_file():
            raise UserError(f"there is no {app}: run the demo in a copy of Safelight's repository, with `make demo`")
    with waiting("Looking for the AWS CDK CLI") as show:
        cli = find_cli(project, progress=show)
    sources = folder / "samples"
    sources.mkdir()
    with step(console, "Writing the sample photographs"):
        samples = write_samples(sources)
    planned = cases(samples, version=version)
    with ExitStack() as stack:
        with step(console, "Starting the emulator and the Rekognition stand-in (the first time takes longer)"):
            services = stack.enter_context(running_services(folder))
        endpoints = deploy_app(
            cli,
            endpoints=services.endpoints,
            project=project,
            app=None,
            context=[f"version={version}"],
            folder=folder,
            seconds=STALL_SECONDS,
            step=partial(step, console),
        )
        workflow = choose_workflow(deployed_workflows(endpoints))
        for place_id, place_type in PLACES.items():
            seed_place(endpoints, workflow=workflow, place_id=place_id, place_type=place_type, name=_NAMES[place_id])
        followed = upload_and_follow(
            services,
            workflow=workflow,
            uploads=[(case.path, case.place_id, PLACES.get(case.place_id, "(no listing)")) for case in planned],
            showing=live_uploads(console),
        )
        for item in followed:
            _fetch_renditions(services, workflow=workflow, item=item, output=output)
        console.print(shown(f"Renditions to look at: {output}"))
        undelivered = deliver_samples(
            cli,
            endpoints=services.endpoints,
            samples=samples,
            output=output / "delivered",
            folder=folder / "delivery",
            console=console,
            step=partial(step, console),
        )
        unredacted = redact_samples(
            cli,
            endpoints=services.endpoints,
            samples=samples,
            output=output / "redacted",
            folder=folder / "redaction",
            console=console,
            step=partial(step, console),
            validate=partial(require_running, services),
        )
    return [*(wrong for wrong in map(unexpected, followed, planned) if wrong), *undelivered, *unredacted]


@click.command(
    context_settings=SETTINGS,
    epilog=examples("""\
  python -m safelight_local.demo
  python -m safelight_local.demo --version v2 --output renditions
"""),
)
@click.option("--version", metavar="V", default="v5", show_default=True, help="The workflow's version: v1 to v5.")
@click.option(
    "--output",
    metavar="FOLDER",
    type=click.Path(path_type=Path),
    default=Path("demo-output"),
    show_default=True,
    help="Where renditions are left.",
)
def demo(*, version: str, output: Path) -> int:
    """Deploy the app in this folder, upload sample photographs, and show their outcomes. Then deliver and redact."""
    folder = Path(tempfile.mkdtemp(prefix="safelight-demo-"))
    wrong = run_demo(version=version, output=output, folder=folder, console=make_console())
    for line in wrong:
        print(f"demo: {visible(line)}", file=sys.stderr)
    if wrong:
        print(f"demo: logs are in {folder}", file=sys.stderr)
        return _WRONG_OUTCOME
    shutil.rmtree(folder)
    return 0


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the demo.

    `arguments`: the arguments after the program's name. Default: ``sys.argv``.

    Returns 0 if every upload has the expected outcome, 1 if not, 2 for an error that the user can correct,
    130 after Ctrl-C.
    """
    return run_program(demo, name="python -m safelight_local.demo", arguments=arguments)


def _words(status: str, reason: str | None) -> str:
    return f"{status} ({reason})" if reason else status


def _fetch_renditions(services: Services, *, workflow: DeployedWorkflow, item: Progress, output: Path) -> None:
    for rendition in item.record.renditions if item.record else ():
        target = output / rendition["key"]
        target.parent.mkdir(parents=True, exist_ok=True)
        body = services.endpoints.s3.get_object(Bucket=workflow.published_bucket, Key=rendition["key"])["Body"]
        target.write_bytes(body.read())


if __name__ == "__main__":
    sys.exit(main())
