"""``safelight logs``: show what functions and state machines write."""

import json
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click

from safelight_local.aws.deployment import choose_workflows, deployed_workflows
from safelight_local.aws.logs import LogLine, log_groups, read_lines
from safelight_local.cli._help import examples, workflow_option
from safelight_local.emulator.endpoints import Endpoints
from safelight_local.emulator.session import running
from safelight_local.terminal import make_console, shown, waiting

_POLL_SECONDS = 1.0
# A function's lines arrive together, and with the times at which they were written, when it has ended.
_LATEST_ARRIVAL = timedelta(minutes=15)


@click.command(
    short_help="Show what the functions write.",
    epilog=examples("""\
  safelight logs
  safelight logs -f
  safelight logs --minutes 5
  safelight logs --json | jq 'select(.writer == "Moderation")'
"""),
)
@click.option("-f", "--follow", is_flag=True, help="Wait for more, until Ctrl-C.")
@click.option(
    "--minutes", metavar="N", type=click.IntRange(min=1), default=60, show_default=True, help="How far back to begin."
)
@workflow_option
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object a line.")
def command(*, follow: bool, minutes: int, workflow: str | None, as_json: bool) -> None:
    """Show what the functions and state machines write to CloudWatch Logs, the oldest first.

    Your own functions in the stack of a workflow, such as its checks, are included. A line has its time, in UTC, its
    writer and its text. The emulator logs nothing for state machines: `safelight show` has what an execution did.
    """
    console = make_console()
    since = datetime.now(UTC) - timedelta(minutes=minutes)
    with running(Path.cwd()) as services, suppress(KeyboardInterrupt):
        for line in _lines(services.endpoints, workflow=workflow, since=since, follow=follow):
            if as_json:
                click.echo(json.dumps({"time": line.time.isoformat(), "writer": line.writer, "message": line.message}))
            else:
                text = f"{line.time:%H:%M:%S.%f}"[:-3]
                console.print(shown(f"{text} {line.writer:<14} {line.message.expandtabs(1)}"), soft_wrap=True)


def _lines(endpoints: Endpoints, *, workflow: str | None, since: datetime, follow: bool) -> Iterator[LogLine]:
    with waiting("Reading the logs"):
        deployed = deployed_workflows(endpoints)
        # A function of the user is in the groups of every workflow of its stack.
        groups = {
            (it.place, group.name): (there.logs, group)
            for it in choose_workflows(deployed, name=workflow)
            for there in (endpoints.of(it.state_machine_arn),)
            for group in log_groups(there, workflow=it, others=[other for other in deployed if other != it])
        }
    printed: dict[str, datetime] = {}
    while True:
        found = [
            line
            for logs, group in groups.values()
            for line in read_lines(logs, group=group, since=since)
            if line.id not in printed
        ]
        # The lines of one call have one time. They stay in their order.
        yield from sorted(found, key=lambda line: line.time)
        printed |= {line.id: line.time for line in found}
        if not follow:
            return
        since = max(since, datetime.now(UTC) - _LATEST_ARRIVAL)
        printed = {id: when for id, when in printed.items() if when >= since}
        time.sleep(_POLL_SECONDS)
