"""Tables of uploads and executions. Where the columns do not fit, a row has several lines."""

import json
from collections.abc import Sequence

from rich.console import Console
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from safelight_contracts.records import Status
from safelight_local.aws.deliveries import Delivery
from safelight_local.aws.deployment import DeployedWorkflow, by_id
from safelight_local.aws.redaction_states import Ending
from safelight_local.aws.redactions import Redaction
from safelight_local.aws.uploads import Progress
from safelight_local.aws.websites import Website
from safelight_local.outcomes import ListedExecution
from safelight_local.redacted_files import RedactedFile
from safelight_local.terminal import shown

# By the status of a record or an execution. Both have a FAILED.
_COLOURS = {
    Status.PUBLISHED: "green",
    Ending.REDACTED: "green",
    Status.REJECTED: "yellow",
    Ending.QUARANTINED: "yellow",
    Status.FAILED: "red",
    "SUCCEEDED": "green",
    Status.WITHDRAWN: "yellow",
    "NOT RECORDED": "red",
    "NO OUTCOME": "red",
    "running": "cyan",
    "waiting": "dim",
}
# The reasons of a failed and of a rejected upload whose check broke.
_NOT_MADE = ("CheckNotMade", "CHECK_NOT_MADE")
_KINDS = {"FACE": ("face", "faces"), "TEXT": ("text", "texts"), "PLATE": ("plate", "plates")}
_ANY_WIDTH = 10_000
_NUMBERS = ("seconds", "bytes")
# What is cut into lines when even the stacked columns do not fit. Any other column keeps its width.
_FOLDED = (
    *("upload", "upload, place type", "upload, execution", "reason", "outcome, reason", "detail", "key", "state"),
    *("file", "written to"),
)


def uploads_table(progress: Sequence[Progress], *, console: Console) -> Table:
    """Make the table of uploads.

    `progress`: one row per upload.

    Columns: upload, place type, outcome, reason, seconds and renditions.
    """
    wide = _table("upload", "place type", "outcome", "reason", "seconds", "renditions")
    narrow = _table("upload, place type", "outcome, reason", "seconds", "renditions")
    for item in progress:
        key, place_type = shown(item.upload.key), shown(item.upload.place_type)
        outcome, reason = _coloured(outcome_of(item)), shown((item.record and item.record.reason) or "")
        seconds = _seconds(item.execution.seconds if item.execution else None)
        renditions = [shown(_rendition(it)) for it in item.record.renditions] if item.record else []
        wide.add_row(key, place_type, outcome, reason, seconds, Text(", ").join(renditions))
        narrow.add_row(_lines(key, place_type), _lines(outcome, reason), seconds, _lines(*renditions))
    return _first_that_fits(console, wide, narrow)


def outcome_of(item: Progress) -> str:
    """Return an upload's outcome, or its state if it has none.

    Returns the record's status; else ``waiting``, ``running`` or ``NOT RECORDED``.
    """
    if item.record is not None:
        return item.record.status
    if item.execution is None:
        return "waiting"
    return "NOT RECORDED" if item.finished else "running"


def executions_table(executions: Sequence[ListedExecution], *, console: Console) -> Table:
    """Make the table of executions.

    `executions`: one row per execution.

    Columns: outcome, reason, key of the upload, start, seconds and name. The workflow too, if there are several.
    """
    several = len({it.workflow.workflow_id for it in executions}) > 1
    end = ["workflow"] if several else []
    wide = _table("outcome", "reason", "upload", "started", "seconds", "execution", *end)
    narrow = _table("outcome, reason", "upload, execution", "started", "seconds")
    for it in executions:
        outcome, reason = _coloured(it.outcome.status or "running"), shown(it.outcome.reason or "")
        key, name = shown(str(it.execution.upload.get("key", ""))), shown(it.execution.name)
        day, time = shown(f"{it.execution.started:%m-%d}"), shown(f"{it.execution.started:%H:%M:%S}")
        started, seconds = shown(f"{it.execution.started:%Y-%m-%d %H:%M:%S}"), _seconds(it.execution.seconds)
        workflow = [shown(it.workflow.workflow_id)] if several else []
        wide.add_row(outcome, reason, key, started, seconds, name, *workflow)
        narrow.add_row(_lines(outcome, reason), _lines(key, name, *workflow), _lines(day, time), seconds)
    # A name that is cut cannot be copied. The reason is cut instead.
    narrow.columns[1].min_width = max((len(it.execution.name) for it in executions), default=0)
    return _first_that_fits(console, wide, narrow)


def show_execution(item: Progress, *, workflow: DeployedWorkflow, console: Console) -> None:
    """Print one execution."""
    if item.execution is None:
        return
    other = item.recorded_by and item.recorded_by.rpartition(":")[2]
    facts = {
        "execution": item.execution.name,
        "workflow": workflow.workflow_id,
        "upload": item.upload.key,
        "place type": item.upload.place_type,
        "status": item.execution.status,
        "outcome": outcome_of(item),
        "reason": (item.record and item.record.reason) or "",
        "detail": item.record.detail if item.record else "",
        "record": f"written by another execution: safelight show {other}" if other else "",
        "hint": "`safelight logs` shows what the function wrote"
        if item.record and item.record.reason in _NOT_MADE
        else "",
    }
    _show_facts(facts, console=console, width=max(map(len, facts)))
    table = _table("state", "seconds")
    for passage in item.states:
        table.add_row(shown(passage.state), shown(f"{passage.seconds:.3f}"))
    console.print()
    console.print(table)
    if item.record is not None and item.record.checks:
        checks = _table("check", "verdict", "detail")
        for check in item.record.checks:
            verdict = "accepted" if check["accepted"] else check["reason"]
            checks.add_row(
                shown(check["check"]), shown(verdict), shown(json.dumps(check["detail"], ensure_ascii=False))
            )
        console.print()
        console.print(checks)
    if item.record is not None and item.record.renditions:
        renditions = _table("rendition", "size", "bytes", "key")
        for it in item.record.renditions:
            renditions.add_row(
                shown(it["name"]), shown(f"{it['width']} x {it['height']}"), shown(str(it["bytes"])), shown(it["key"])
            )
        console.print()
        console.print(renditions)


def show_deployed(
    *,
    workflows: Sequence[DeployedWorkflow],
    deliveries: Sequence[Delivery],
    websites: Sequence[Website],
    redactions: Sequence[Redaction],
    console: Console,
) -> None:
    """Print what is deployed, and the commands that are of use now."""
    blocks = [
        *(
            {
                "workflow": name,
                "upload bucket": it.upload_bucket,
                "published bucket": it.published_bucket,
                "records table": it.records_table,
            }
            for name, it in by_id(workflows).items()
        ),
        *(
            {
                "delivery": f"{it.stack}/{it.name}",
                "source buckets": ", ".join(source.bucket for source in it.settings.sources),
                "url": it.url,
                "on this machine": it.local_url or "",
            }
            for it in deliveries
        ),
        *({"website": f"{it.stack}/{it.name}", "source bucket": it.source_bucket, "url": it.url} for it in websites),
        *(
            {
                "redaction": f"{it.stack}/{it.name}",
                "source": f"{it.source_bucket}/{it.source_prefix}",
                "destination": f"{it.destination_bucket}/{it.destination_prefix}",
            }
            for it in redactions
        ),
    ]
    width = max((len(name) for block in blocks for name in block), default=0)
    for block in blocks:
        _show_facts(block, console=console, width=width)
    if not blocks:
        console.print("The app is deployed. It has no workflow, delivery, website or redaction of Safelight.")
    commands = next_commands(workflows=workflows, deliveries=deliveries, redactions=redactions)
    console.print(f"Next: {' | '.join(commands)}", soft_wrap=True)


def next_commands(
    *, workflows: Sequence[DeployedWorkflow], deliveries: Sequence[Delivery], redactions: Sequence[Redaction]
) -> list[str]:
    """Return the commands that are of use after an app was deployed."""
    run = ["safelight run IMAGE...", "safelight executions"] if workflows else []
    sign = ["safelight keys sync", "safelight sign URL"] if any(it.settings.keys_secret for it in deliveries) else []
    html = ["safelight html KEY"] if deliveries else []
    redact = ["safelight redact FILE..."] if redactions else []
    console = ["safelight console"] if workflows or deliveries or redactions else []
    return [*run, *sign, *html, *redact, *console, "safelight env", "safelight down"]


def redacted_table(files: Sequence[RedactedFile]) -> Table:
    """Make the table of redacted files: one row a file.

    Columns: file, outcome, reason, covered, seconds and where the result and its preview are.
    """
    table = _table("file", "outcome", "reason", "covered", "seconds", "written to")
    for it in files:
        table.add_row(
            shown(str(it.path)),
            _coloured(it.ending or "NO OUTCOME"),
            shown(it.state.reason),
            shown(_covered(it)),
            _seconds(it.seconds),
            shown(", ".join(str(path) for path in (it.written, it.preview) if path)),
        )
    return table


def _covered(file: RedactedFile) -> str:
    if file.ending is not Ending.REDACTED or not file.state.is_counted:
        return ""
    counted = [f"{number} {_KINDS[kind][number != 1]}" for kind, number in file.state.covered.items()]
    return ", ".join(counted) or "nothing found"


def _show_facts(facts: dict[str, str], *, console: Console, width: int) -> None:
    for name, value in facts.items():
        if value:
            console.print(shown(f"{name:<{width}}  {value}"), soft_wrap=True)


def _table(*columns: str) -> Table:
    table = Table(box=None, pad_edge=False)
    for column in columns:
        table.add_column(
            column,
            justify="right" if column in _NUMBERS else "left",
            overflow="fold",
            no_wrap=column not in _FOLDED,
        )
    return table


def _first_that_fits(console: Console, wide: Table, narrow: Table) -> Table:
    unbounded = console.options.update(max_width=_ANY_WIDTH)
    return wide if Measurement.get(console, unbounded, wide).maximum <= console.width else narrow


def _lines(*texts: Text) -> Text:
    return Text("\n").join(text for text in texts if text)


def _coloured(status: str) -> Text:
    return shown(status, style=_COLOURS.get(status, ""))


def _seconds(seconds: float | None) -> Text:
    return shown("" if seconds is None else f"{seconds:.2f}")


def _rendition(rendition: dict[str, object]) -> str:
    return f"{rendition['name']} {rendition['width']}x{rendition['height']}"
