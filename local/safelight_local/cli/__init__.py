"""The command line, ``safelight``, and its sub-commands."""

import argparse
import importlib.metadata
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import NoReturn

from rich.console import Console

from safelight_local import doctor
from safelight_local.aws.reprocess import parse_since
from safelight_local.cli import again as commands_again
from safelight_local.cli import commands
from safelight_local.cli import console as commands_console
from safelight_local.cli import diagram as commands_diagram
from safelight_local.console.privacy import without_positions
from safelight_local.diagram import draw, to_mermaid
from safelight_local.errors import UserError, exit_code_of
from safelight_local.terminal import make_console
from safelight_local.visible_text import visible_lines
from safelight_local.watermark import show_watermark

_EXAMPLES = """\
examples:
  safelight up                                   deploy the CDK app in this folder to an emulator
  safelight up --app "python app.py" -c version=v2
  safelight run photo.jpg                        upload it to a park and wait for its outcome
  safelight run *.jpg --place-type restaurant
  safelight retry park/photo.jpg                 the same event again, once what broke is mended
  safelight reprocess --since 2026-01-31 --dry-run
  safelight executions
  safelight show 1f0c4a52-7d1e-4d0a-9c39-3a5c0f1f7a11
  safelight show EXECUTION --html photo.html     one file of it, to send to somebody
  safelight console                              a page that shows what happened to each image
  safelight console --region eu-west-1 --stack Photos
  safelight down
  safelight diagram mine.asl.json -o mine.svg    a picture of a state machine
  safelight doctor                               is all there that this machine needs?
  safelight dng photo.jpg                        a Raspberry Pi's raw photograph as a DNG
  safelight watermark photo.jpg                  the invisible watermark of a rendition
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line.

    Parameters
    ----------
    arguments : Sequence[str], optional
        What follows the program's name; ``sys.argv`` when left out.

    Returns
    -------
    int
        The exit code: 0, 1 when an upload failed again or kept its outcome or an image has no watermark, 2 for an
        error that the user can put right (one line on standard error), 130 after Ctrl-C.
    """
    parsed = _parser().parse_args(arguments)
    return exit_code_of(lambda: _dispatch(parsed), program="safelight")


def _dispatch(parsed: argparse.Namespace) -> int:
    project, console = Path.cwd(), make_console()
    match parsed.command:
        case "up":
            commands.up(
                project=project,
                app=parsed.app,
                context=parsed.context,
                fixtures=parsed.fixtures,
                port=parsed.port,
                console=console,
            )
        case "run":
            commands.run(
                project=project,
                images=parsed.images,
                place_type=parsed.place_type,
                place_id=parsed.place,
                workflow_name=parsed.workflow,
                console=console,
            )
        case "retry":
            return commands_again.retry(
                project=project,
                key=parsed.key,
                version_id=parsed.version_id,
                workflow_name=parsed.workflow,
                console=console,
            )
        case "reprocess":
            chosen = {"prefix": parsed.prefix, "since": parsed.since, "workflow_name": parsed.workflow}
            if parsed.dry_run:
                return commands_again.count(project=project, **chosen, console=console)
            return commands_again.reprocess(project=project, **chosen, concurrency=parsed.concurrency, console=console)
        case "executions":
            commands.executions(project=project, console=console)
        case "show":
            _show(parsed, project=project, console=console)
        case "console":
            _console(parsed, project=project, console=console)
        case "down":
            commands.down(project=project, console=console)
        case "diagram":
            commands_diagram.diagram(parsed.file, output=parsed.output, write=to_mermaid if parsed.mermaid else draw)
        case "doctor":
            return doctor.doctor(project=project, aws=parsed.aws)
        case "dng":
            commands.dng(parsed.file, output=parsed.output, console=console)
        case "watermark":
            return show_watermark(parsed.file, console=console)
    return 0


def _show(parsed: argparse.Namespace, *, project: Path, console: Console) -> None:
    if parsed.html is None:
        commands.show(project=project, execution=parsed.execution, console=console)
        return
    commands_console.write_report(
        project=project,
        execution=parsed.execution,
        file=parsed.html,
        clean=(lambda value: value) if parsed.with_position else without_positions,
        console=console,
    )


def _console(parsed: argparse.Namespace, *, project: Path, console: Console) -> None:
    page = {"port": parsed.port, "no_browser": parsed.no_browser, "console": console}
    if not (parsed.stack or parsed.region or parsed.profile):
        if parsed.allow_upload:
            raise UserError("--allow-upload is for a real account, named by --stack, --region or --profile")
        commands_console.console_of_this_machine(project=project, **page)
        return
    commands_console.console_of_account(
        stack=parsed.stack,
        region=parsed.region,
        profile=parsed.profile,
        allow_upload=parsed.allow_upload,
        **page,
    )


class _Parser(argparse.ArgumentParser):
    """A parser whose messages repeat arguments, such as the names of files, so that they can be shown."""

    def error(self, message: str) -> NoReturn:
        super().error(visible_lines(message))


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="safelight",
        description="Run a CDK app that uses Safelight on this machine: no AWS account, no Docker.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"safelight {_version()}")
    sub = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    up = sub.add_parser("up", help="start the emulator and deploy a CDK app", description=_UP)
    up.add_argument("--app", metavar="CMD", help="the command that runs the app (default: from cdk.json)")
    up.add_argument(
        "-c",
        "--context",
        metavar="KEY=VALUE",
        action="append",
        default=[],
        type=_context,
        help="a context value for the app, such as version=v2; may be repeated",
    )
    up.add_argument(
        "--fixtures", metavar="FILE", type=Path, help="answers of the Rekognition stand-in for named images"
    )
    up.add_argument("--port", metavar="N", type=int, help="the emulator's port (default: a free one)")

    run = sub.add_parser("run", help="upload images and wait for their outcomes", description=_RUN)
    run.add_argument("images", metavar="IMAGE", nargs="+", type=Path, help="an image file")
    run.add_argument("--place-type", metavar="T", help="the type of the place (default: park)")
    run.add_argument("--place", metavar="ID", help="the id of the place (default: named after its type)")
    run.add_argument("--workflow", metavar="NAME", help="which workflow, where more than one is deployed")

    retry = sub.add_parser("retry", help="send an upload's event again", description=_RETRY)
    retry.add_argument("key", metavar="KEY", help="the upload's key, prefix and all")
    retry.add_argument("--version-id", metavar="ID", help="the object's version (default: the key's newest upload)")
    retry.add_argument("--workflow", metavar="NAME", help="which workflow, where more than one is deployed")

    reprocess = sub.add_parser("reprocess", help="run a workflow again for past uploads", description=_REPROCESS)
    reprocess.add_argument("--prefix", metavar="P", help="only keys that begin with it (default: all of the workflow)")
    reprocess.add_argument(
        "--since", metavar="DATE", type=_date, help="only what was stored then or later: 2026-01-31, in UTC"
    )
    reprocess.add_argument(
        "--concurrency", metavar="N", type=_count, help="how many at once (default, and at most: as the app says)"
    )
    reprocess.add_argument("--dry-run", action="store_true", help="count the uploads and start nothing")
    reprocess.add_argument("--workflow", metavar="NAME", help="which workflow, where more than one is deployed")

    sub.add_parser("executions", help="list executions, the latest first")

    show = sub.add_parser("show", help="show what happened in one execution")
    show.add_argument("execution", metavar="EXECUTION", help="its name or ARN")
    show.add_argument("--html", metavar="FILE", type=Path, help="write it, its pictures too, as one file to send")
    show.add_argument("--with-position", action="store_true", help="leave in the file where a photograph was taken")

    page = sub.add_parser("console", help="open a page that shows what happened to each image", description=_CONSOLE)
    page.add_argument("--port", metavar="N", type=int, default=0, help="the page's port (default: a free one)")
    page.add_argument("--no-browser", action="store_true", help="print the address and open nothing")
    account = page.add_argument_group(
        "a real AWS account", "with any of these, the page shows one; else what is up here"
    )
    account.add_argument("--stack", metavar="NAME", help="only the workflows of this stack (default: of all)")
    account.add_argument("--region", metavar="R", help="the region (default: the profile's)")
    account.add_argument("--profile", metavar="P", help="the AWS profile (default: as boto3 finds credentials)")
    account.add_argument("--allow-upload", action="store_true", help="take files that are dropped (default: read only)")

    sub.add_parser("down", help="stop what `up` has started")

    diagram = sub.add_parser(
        "diagram",
        help="draw a state machine as SVG or Mermaid",
        description=_DIAGRAM,
        epilog=_DIAGRAM_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    diagram.add_argument("file", metavar="FILE", type=Path, help="a definition in ASL; - reads standard input")
    diagram.add_argument("-o", "--output", metavar="OUT", type=Path, help="the picture (default: standard output)")
    diagram.add_argument("--mermaid", action="store_true", help="write Mermaid's text in place of SVG")

    doctor.add_arguments(sub.add_parser("doctor", help=doctor.HELP))

    dng = sub.add_parser("dng", help="turn a Raspberry Pi's raw photograph into a DNG", description=_DNG)
    dng.add_argument("file", metavar="FILE", type=Path, help="a JPEG with raw data behind it, of `raspistill --raw`")
    dng.add_argument(
        "-o", "--output", metavar="OUT", type=Path, help="the DNG (default: beside FILE, as FILE's name.dng)"
    )

    watermark = sub.add_parser("watermark", help="read an invisible watermark", description=_WATERMARK)
    watermark.add_argument("file", metavar="FILE", type=Path, help="an image, as it was published or scaled since")
    return parser


_UP = (
    "Start the emulator and the Rekognition stand-in on loopback, and deploy every stack of a CDK app to it. "
    "When they run already, deploy again."
)
_RUN = (
    "Upload image files as [prefix/]PLACE/FILE and wait until each has its outcome. A listing of the place is "
    "written first, unless --place is given without --place-type."
)
_RETRY = (
    "Start the workflow again with the very event that an upload started it with, and wait for the outcome. For an "
    "upload that FAILED, or whose execution was stopped. An upload that is published or rejected keeps its outcome."
)
_CONSOLE = (
    "Serve a page on loopback, and open it: the executions, the path of each through its workflow, its pictures, "
    "checks and record. Of what `safelight up` has deployed, or of a real account, there read only."
)
_REPROCESS = (
    "Run the released workflow again for every upload that is there, by the Reprocess of the app, and wait until all "
    "have their outcome. For when renditions or rules have changed."
)
_DIAGRAM = """\
Draw a state machine from its definition (ASL, in JSONata or JSONPath, with placeholders or not): SVG that is light or
dark as its viewer is, or a Mermaid state diagram, which GitHub draws where it stands in Markdown.
"""
_DIAGRAM_EXAMPLES = """\
examples:
  safelight diagram mine.asl.json > mine.svg
  safelight diagram mine.asl.json -o mine.svg
  safelight diagram mine.asl.json --mermaid -o mine.mmd
  aws stepfunctions describe-state-machine --state-machine-arn ARN --query definition --output text |
    safelight diagram - > deployed.svg
"""
_DNG = (
    "Write what the sensor saw, which stands behind the JPEG, as a DNG. Its white and its colours are those of the "
    "camera's maker note. Where there is no white in it, the average of the picture is taken for grey."
)
_WATERMARK = (
    "Print the invisible watermark that a rendition was published with. The exit code is 1 when there is none, or too "
    "little of it is left. An image that was cut has none."
)


def _date(text: str) -> datetime:
    try:
        return parse_since(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no date such as 2026-01-31") from None


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not 1 or more")
    return int(text)


def _context(text: str) -> str:
    name, equals, _ = text.partition("=")
    if not (name and equals):
        raise argparse.ArgumentTypeError(f"{text!r} is not KEY=VALUE")
    return text


def _version() -> str:
    try:
        return importlib.metadata.version("safelight")
    except importlib.metadata.PackageNotFoundError:
        return "(not installed)"
