"""Output of commands: tables and live progress on a terminal, plain columns elsewhere."""

import json
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from threading import Event, Thread

from rich import box
from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

from safelight_contracts.records import Status
from safelight_local.aws.deployment import DeployedWorkflow, by_name
from safelight_local.aws.executions import Execution
from safelight_local.aws.uploads import Progress
from safelight_local.visible_text import visible

_PLAIN_WIDTH = 400
# Without a spinner, a line this often shows that a step still runs.
_LINE_SECONDS = 5.0
# By the status of a record or an execution. Both have a FAILED.
_COLOURS = {
    Status.PUBLISHED: "green",
    Status.REJECTED: "yellow",
    Status.FAILED: "red",
    "SUCCEEDED": "green",
    Status.WITHDRAWN: "yellow",
}


def make_console() -> Console:
    """Make the console for standard output.

    Returns
    -------
    Console
        As wide as the terminal; too wide to fold anything where there is none, so that a line stays a line. What is
        printed is no markup, whatever is in it.
    """
    console = Console(highlight=False, markup=False, emoji=False)
    return console if console.is_terminal else Console(highlight=False, markup=False, emoji=False, width=_PLAIN_WIDTH)


def shown(text: str, *, style: str = "") -> Text:
    """Make text from outside safe for a terminal.

    Parameters
    ----------
    text : str
        Any text.
    style : str, optional
        A style of rich. Default: none.

    Returns
    -------
    Text
        In one line, as by `visible`: none of it is a command to the terminal, or rich's markup.
    """
    return Text(visible(text), style=style)


@contextmanager
def step(console: Console, title: str) -> Iterator[Callable[[str], None]]:
    """Show what is being done, and finally how long it took.

    A terminal shows a spinner. Elsewhere the title is printed as a line. Then a line every five seconds shows how far
    the step is.

    Parameters
    ----------
    console : Console
        Where to show it.
    title : str
        What is done, such as ``Deploying``.

    Yields
    ------
    Callable[[str], None]
        Sets how far the step is, such as ``23 of 61 resources``. It is shown after the title.
    """
    since = time.monotonic()
    with _spinner(console, title) if _is_animated(console) else _lines(console, title) as show:
        yield show
    console.print(shown(f"{title}: {time.monotonic() - since:.1f} s"))


def _is_animated(console: Console) -> bool:
    return console.is_terminal and not console.is_dumb_terminal


@contextmanager
def _spinner(console: Console, title: str) -> Iterator[Callable[[str], None]]:
    with console.status(shown(title)) as status:

        def show(text: str) -> None:
            status.update(Text(visible(f"{title}: {text}"), overflow="ellipsis", no_wrap=True))

        yield show


@contextmanager
def _lines(console: Console, title: str) -> Iterator[Callable[[str], None]]:
    since = time.monotonic()
    latest = ""
    ended = Event()

    def show(text: str) -> None:
        nonlocal latest
        latest = f"{text}, "

    def repeat() -> None:
        while not ended.wait(_LINE_SECONDS):
            console.print(shown(f"{title}: {latest}{time.monotonic() - since:.0f} s"))

    console.print(shown(f"{title} ..."))
    thread = Thread(target=repeat, daemon=True)
    thread.start()
    try:
        yield show
    finally:
        ended.set()
        thread.join()


@contextmanager
def live_uploads(console: Console) -> Iterator[Callable[[Sequence[Progress]], None]]:
    """Show a live table of uploads. Without a terminal, show how many are finished, and the table at the end.

    Parameters
    ----------
    console : Console
        Where to show it.

    Yields
    ------
    Callable[[Sequence[Progress]], None]
        Shows how far the uploads have come.
    """
    latest: Sequence[Progress] = ()
    with _live_table(console) if _is_animated(console) else _counted_uploads(console) as show:

        def changed(progress: Sequence[Progress]) -> None:
            nonlocal latest
            latest = progress
            show(progress)

        yield changed
    console.print(uploads_table(latest, console=console))


@contextmanager
def _live_table(console: Console) -> Iterator[Callable[[Sequence[Progress]], None]]:
    with Live(console=console, refresh_per_second=8, transient=True) as live:
        yield lambda progress: live.update(uploads_table(progress, console=console))


@contextmanager
def _counted_uploads(console: Console) -> Iterator[Callable[[Sequence[Progress]], None]]:
    with _lines(console, "Waiting for outcomes") as show:
        yield lambda progress: show(f"{sum(item.finished for item in progress)} of {len(progress)} uploads")


def uploads_table(progress: Sequence[Progress], *, console: Console) -> Table:
    """Make the table of uploads.

    Parameters
    ----------
    progress : Sequence[Progress]
        A row each.
    console : Console
        Where it will be shown.

    Returns
    -------
    Table
        Upload, place type, states passed through, outcome, reason, seconds and renditions.
    """
    table = _table(console, "upload", "place type", "states", "outcome", "reason", "seconds", "renditions")
    for item in progress:
        seconds = item.execution.seconds if item.execution else None
        table.add_row(
            shown(item.upload.key),
            shown(item.upload.place_type),
            shown(" > ".join(passage.state for passage in item.states)),
            outcome_of(item),
            shown((item.record and item.record.reason) or ""),
            shown("" if seconds is None else f"{seconds:.2f}"),
            shown(", ".join(_rendition(it) for it in item.record.renditions) if item.record else ""),
        )
    return table


def outcome_of(item: Progress) -> Text:
    """Return an upload's outcome, or its state if it has none.

    Parameters
    ----------
    item : Progress
        The upload's progress.

    Returns
    -------
    Text
        The record's status; else ``waiting``, ``running`` or ``NOT RECORDED``.
    """
    if item.record is not None:
        return _coloured(item.record.status)
    if item.execution is None:
        return shown("waiting", style="dim")
    return shown("NOT RECORDED", style="red") if item.finished else shown("running", style="cyan")


def executions_table(executions: Sequence[tuple[DeployedWorkflow, Execution]], *, console: Console) -> Table:
    """Make the table of executions.

    Parameters
    ----------
    executions : Sequence[tuple[DeployedWorkflow, Execution]]
        A row each.
    console : Console
        Where it will be shown.

    Returns
    -------
    Table
        Name, workflow, key of the upload, status, start and seconds.
    """
    table = _table(console, "execution", "workflow", "upload", "status", "started", "seconds")
    for workflow, execution in executions:
        table.add_row(
            Text(visible(execution.name), no_wrap=True),
            shown(workflow.name),
            shown(str(execution.upload.get("key", ""))),
            _coloured(execution.status),
            shown(f"{execution.started:%Y-%m-%d %H:%M:%S}"),
            shown("" if execution.seconds is None else f"{execution.seconds:.2f}"),
        )
    return table


def show_execution(item: Progress, *, workflow: DeployedWorkflow, console: Console) -> None:
    """Print one execution.

    Parameters
    ----------
    item : Progress
        The upload, its execution, states and record.
    workflow : DeployedWorkflow
        The workflow that ran.
    console : Console
        Where to print it.
    """
    if item.execution is None:
        return
    facts = {
        "execution": item.execution.name,
        "workflow": f"{workflow.stack}/{workflow.name}",
        "upload": item.upload.key,
        "status": item.execution.status,
        "outcome": outcome_of(item).plain,
    }
    if item.record is not None:
        facts |= {
            "reason": item.record.reason or "",
            "detail": item.record.detail,
        }
    for name, value in facts.items():
        if value:
            console.print(shown(f"{name:<12}{value}"))
    table = _table(console, "state", "seconds")
    for passage in item.states:
        table.add_row(shown(passage.state), shown(f"{passage.seconds:.3f}"))
    console.print(table)
    if item.record is not None and item.record.checks:
        checks = _table(console, "check", "verdict", "detail")
        for check in item.record.checks:
            verdict = "accepted" if check["accepted"] else check["reason"]
            checks.add_row(
                shown(check["check"]), shown(verdict), shown(json.dumps(check["detail"], ensure_ascii=False))
            )
        console.print(checks)
    if item.record is not None and item.record.renditions:
        renditions = _table(console, "rendition", "size", "bytes", "key")
        for it in item.record.renditions:
            renditions.add_row(
                shown(it["name"]), shown(f"{it['width']} x {it['height']}"), shown(str(it["bytes"])), shown(it["key"])
            )
        console.print(renditions)


def show_workflows(workflows: Sequence[DeployedWorkflow], *, console: Console) -> None:
    """Print what is deployed.

    Parameters
    ----------
    workflows : Sequence[DeployedWorkflow]
        A row each.
    console : Console
        Where to print it.
    """
    table = _table(console, "workflow", "upload bucket", "published bucket", "records table")
    for name, it in by_name(workflows).items():
        table.add_row(shown(name), shown(it.upload_bucket), shown(it.published_bucket), shown(it.records_table))
    console.print(table)


def _table(console: Console, *columns: str) -> Table:
    table = Table(box=box.SIMPLE_HEAD if console.is_terminal else None, pad_edge=False)
    for column in columns:
        table.add_column(column, justify="right" if column in ("seconds", "bytes") else "left", overflow="fold")
    return table


def _coloured(status: str) -> Text:
    return shown(status, style=_COLOURS.get(status, ""))


def _rendition(rendition: dict[str, object]) -> str:
    return f"{rendition['name']} {rendition['width']}x{rendition['height']}"
