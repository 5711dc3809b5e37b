"""The progress of uploads while a command waits for their outcomes."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from rich.console import Console
from rich.live import Live

from safelight_local.aws.uploads import Progress
from safelight_local.tables import uploads_table
from safelight_local.terminal import is_animated, lines


@contextmanager
def live_uploads(console: Console) -> Iterator[Callable[[Sequence[Progress]], None]]:
    """Show a live table of uploads. Without a terminal, show how many are finished, and the table at the end.

    Result: Shows how far the uploads have come.
    """
    latest: Sequence[Progress] = ()
    with _live_table(console) if is_animated(console) else _counted(console) as show:

        def changed(progress: Sequence[Progress]) -> None:
            nonlocal latest
            latest = progress
            show(progress)

        yield changed
    console.print(uploads_table(latest, console=console))


@contextmanager
def no_progress() -> Iterator[Callable[[Sequence[Progress]], None]]:
    """Show nothing: for output that programs read."""
    yield lambda _: None


@contextmanager
def _live_table(console: Console) -> Iterator[Callable[[Sequence[Progress]], None]]:
    with Live(console=console, refresh_per_second=8, transient=True) as live:
        yield lambda progress: live.update(uploads_table(progress, console=console))


@contextmanager
def _counted(console: Console) -> Iterator[Callable[[Sequence[Progress]], None]]:
    with lines(console, "Waiting for outcomes") as show:
        yield lambda progress: show(f"{sum(item.finished for item in progress)} of {len(progress)} uploads")
