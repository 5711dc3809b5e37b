"""``safelight run``: upload images and wait for their outcomes."""

from collections.abc import Sequence
from pathlib import Path

import click

from safelight_local.aws.deployment import choose_workflow, deployed_workflows
from safelight_local.aws.records import seed_place
from safelight_local.cli._files import validate_file
from safelight_local.cli._help import examples, json_option, not_empty, workflow_option
from safelight_local.cli._json import print_json
from safelight_local.emulator.session import running
from safelight_local.errors import UserError, when_interrupted
from safelight_local.follow import upload_and_follow
from safelight_local.live_uploads import live_uploads, no_progress
from safelight_local.outcomes import progress_as_json
from safelight_local.terminal import make_console, waiting

_DEFAULT_PLACE = "park"


@click.command(
    short_help="Upload images and wait for their outcomes.",
    epilog=examples("""\
  safelight run photo.jpg
  safelight run *.jpg --place-type restaurant
  safelight run photo.jpg --place corner-bistro
"""),
)
@click.argument("images", metavar="IMAGE...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--place-type", metavar="T", callback=not_empty, help="The type of the place (default: park).")
@click.option("--place", metavar="ID", callback=not_empty, help="The id of the place (default: named after its type).")
@workflow_option
@json_option
def command(
    *, images: Sequence[Path], place_type: str | None, place: str | None, workflow: str | None, as_json: bool
) -> None:
    """Upload image files as [prefix/]PLACE/FILE and wait until each has its outcome.

    A listing of the place is written first, unless you give --place without --place-type.
    """
    project, console = Path.cwd(), make_console()
    for image in images:
        validate_file(image, noun="image file")
    type_to_seed = place_type or (None if place else _DEFAULT_PLACE)
    place_id = place or (type_to_seed or _DEFAULT_PLACE).replace(" ", "-")
    _validate_place(place_id)
    with running(project) as services:
        with waiting("Looking for the workflow"):
            chosen = choose_workflow(deployed_workflows(services.endpoints), name=workflow)
        if type_to_seed is not None:
            seed_place(
                services.endpoints.of(chosen.state_machine_arn),
                workflow=chosen,
                place_id=place_id,
                place_type=type_to_seed,
                name=f"A {type_to_seed}",
            )
        with when_interrupted("interrupted. The workflow continues: see `safelight executions`."):
            progress = upload_and_follow(
                services,
                workflow=chosen,
                uploads=[(image, place_id, type_to_seed or "-") for image in images],
                showing=no_progress() if as_json else live_uploads(console),
            )
    if as_json:
        print_json([progress_as_json(item, workflow=chosen) for item in progress])
    without = [item.upload.key for item in progress if item.record is None]
    if without:
        raise UserError(
            f"no outcome is recorded for {', '.join(without)}: see `safelight executions` and .safelight/*.log"
        )


def _validate_place(place_id: str) -> None:
    if "/" in place_id:
        raise UserError(
            f"the place id {place_id} has a slash: in the key PLACE/FILE, the place id ends at the first slash. "
            "Give --place an id without one"
        )
