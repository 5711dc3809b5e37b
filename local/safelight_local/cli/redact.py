"""``safelight redact``: redact files of this machine by what is deployed."""

import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import click

from safelight_local.aws.redaction_states import Ending
from safelight_local.aws.redactions import choose_redaction, deployed_redactions, kind_of
from safelight_local.cli._files import validate_file
from safelight_local.cli._help import examples, not_empty
from safelight_local.emulator.services import require_running
from safelight_local.emulator.session import running
from safelight_local.errors import UserError, when_interrupted
from safelight_local.previews import make_preview, preview_path
from safelight_local.redacted_files import RedactedFile, leave_sent, redact_files, remove_sent
from safelight_local.tables import redacted_table
from safelight_local.terminal import make_console, shown, step, waiting, warn

_SECONDS = 900
_NOT_ALL = 1
_KEPT = "What was uploaded and its results are still in the buckets. `safelight console` shows photographs and videos."


@click.command(
    short_help="Cover faces, text and number plates in files.",
    epilog=examples("""\
  safelight redact photo.jpg                     write photo.redacted.jpg
  safelight redact *.jpg clip.mp4 --output redacted
  safelight redact photo.jpg --preview           write photo.boxes.jpg too, with what was found
  safelight redact scan.dcm                      write scan.redacted.dcm without what names the patient
  safelight redact photo.jpg --service Photos/Redaction
"""),
)
@click.argument("files", metavar="FILE...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--service", metavar="NAME", callback=not_empty, help="Which redaction, if several are deployed.")
@click.option(
    "--output",
    metavar="FOLDER",
    type=click.Path(path_type=Path, file_okay=False),
    help="Where results are written; made when it is not there (default: beside each file).",
)
@click.option("--preview", is_flag=True, help="Write NAME.boxes.jpg too: the photograph or frames, with boxes drawn.")
@click.option(
    "--timeout",
    metavar="SECONDS",
    type=click.IntRange(min=1),
    default=_SECONDS,
    show_default=True,
    help="How long to wait for the outcomes.",
)
@click.option(
    "--keep",
    is_flag=True,
    help="Leave uploads and results in the buckets, where the console shows photographs and videos.",
)
def command(
    *, files: Sequence[Path], service: str | None, output: Path | None, preview: bool, timeout: int, keep: bool
) -> int:
    """Upload files to the redaction that is deployed, wait for the outcomes, and write NAME.redacted.EXT.

    Files that end with .mp4, .mov, .m4v or .mkv are for a VideoRedaction, those that end with .dcm for a
    DicomDeidentification, and others for a RedactionService. What was uploaded and its result are removed from the
    buckets afterwards, unless you pass --keep. The exit code is 1 if a file was not redacted: nothing is written for
    it.

    A preview shows faces: keep it as you keep the file.
    """
    project, console = Path.cwd(), make_console()
    for file in files:
        validate_file(file, noun="file")
    kinds = [kind_of(file) for file in files]
    targets = [(file, output or file.parent) for file in files]
    _validate_targets([(folder, file.name) for file, folder in targets], noun="result")
    if preview:
        previewed = [preview_path(file, folder=folder) for file, folder in targets]
        _validate_targets([(path.parent, path.name) for path in previewed], noun="preview")
    with running(project) as services:
        with waiting("Looking for the redaction"):
            deployed = deployed_redactions(services.endpoints)
            chosen = {kind: choose_redaction(deployed, kind=kind, name=service) for kind in sorted(set(kinds))}
        with (
            when_interrupted(f"interrupted. What was uploaded is {'kept' if keep else 'removed'}."),
            step(console, "Redacting") as show,
        ):
            redacted = redact_files(
                services.endpoints,
                files=[(file, chosen[kind], folder) for kind, (file, folder) in zip(kinds, targets, strict=True)],
                make_preview=make_preview if preview else None,
                deadline=time.monotonic() + timeout,
                show=show,
                validate=lambda: require_running(services),
                afterwards=leave_sent if keep else remove_sent,
            )
    console.print(redacted_table(redacted))
    for it in redacted:
        if it.no_preview:
            warn(f"no preview of {it.path}: {it.no_preview}")
    console.print(shown(_KEPT if keep else "What was uploaded and its results are removed from the buckets."))
    return _exit_code(redacted)


def _validate_targets(names: Sequence[tuple[Path, str]], *, noun: str) -> None:
    for (folder, name), number in Counter(names).items():
        if number > 1:
            raise UserError(f"{number} files named {name} would have one {noun} in {folder}: redact them one by one")


def _exit_code(redacted: Sequence[RedactedFile]) -> int:
    if any(it.ending not in (Ending.REDACTED, Ending.REJECTED, Ending.QUARANTINED) for it in redacted):
        warn(".safelight/*.log has what the functions wrote about files that failed or have no outcome")
    return 0 if all(it.ending is Ending.REDACTED for it in redacted) else _NOT_ALL
