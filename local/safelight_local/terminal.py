"""Output of commands: what is being done, on a terminal and elsewhere."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from threading import Event, Thread

from rich.console import Console
from rich.text import Text

from safelight_local.visible_text import visible

_PLAIN_WIDTH = 400
# Without a spinner, a line this often shows that a step still runs.
_LINE_SECONDS = 5.0


class _Console(Console):
    def on_broken_pipe(self) -> None:
        """Leave it to `safelight_local.errors.exit_code_of`. rich would exit with 1, which has another meaning."""
        raise BrokenPipeError


def make_console() -> Console:
    """Make the console for standard output.

    Result: as wide as the terminal. 400 columns without a terminal, so lines do not wrap. Markup is off.
    """
    console = _Console(highlight=False, markup=False, emoji=False)
    return console if console.is_terminal else _Console(highlight=False, markup=False, emoji=False, width=_PLAIN_WIDTH)


def shown(text: str, *, style: str = "") -> Text:
    """Make text from outside safe for a terminal.

    `style`: a style of rich. Default: none.

    Result: in one line, as by `visible`: none of it is a command to the terminal, or rich's markup.
    """
    return Text(visible(text), style=style)


def warn(text: str) -> None:
    """Print a warning in one line on standard error."""
    print(f"warning: {visible(text)}", file=sys.stderr)


@contextmanager
def step(console: Console, title: str) -> Iterator[Callable[[str], None]]:
    """Show what is being done, and finally how long it took.

    A terminal shows a spinner. Elsewhere the title is printed as a line. Then a line every five seconds shows how far
    the step is.

    `title`: what is done, such as ``Deploying``.

    Result: Sets how far the step is, such as ``23 of 61 resources``. It is shown after the title.
    """
    since = time.monotonic()
    with _spinner(console, title) if is_animated(console) else lines(console, title) as show:
        yield show
    console.print(shown(f"{title}: {time.monotonic() - since:.1f} s"))


@contextmanager
def waiting(title: str) -> Iterator[Callable[[str], None]]:
    """Show on standard error what is being done, and nothing of it afterwards.

    A terminal shows a spinner. Elsewhere a line is printed every five seconds.

    `title`: what is done, such as ``Reading executions``.

    Result: Sets how far it is.
    """
    console = _Console(stderr=True, highlight=False, markup=False, emoji=False, soft_wrap=True)
    with _spinner(console, title) if is_animated(console) else _repeated(console, title) as show:
        yield show


def is_animated(console: Console) -> bool:
    """Whether lines can be replaced on a console."""
    return console.is_terminal and not console.is_dumb_terminal


@contextmanager
def _spinner(console: Console, title: str) -> Iterator[Callable[[str], None]]:
    with console.status(shown(title)) as status:

        def show(text: str) -> None:
            status.update(Text(visible(f"{title}: {text}"), overflow="ellipsis", no_wrap=True))

        yield show


@contextmanager
def lines(console: Console, title: str) -> Iterator[Callable[[str], None]]:
    """Print what is being done as a line, and then a line every five seconds that shows how far it is.

    Result: Sets how far it is.
    """
    console.print(shown(f"{title} ..."))
    with _repeated(console, title) as show:
        yield show


@contextmanager
def _repeated(console: Console, title: str) -> Iterator[Callable[[str], None]]:
    since = time.monotonic()
    latest = ""
    ended = Event()

    def show(text: str) -> None:
        nonlocal latest
        latest = f"{text}, "

    def repeat() -> None:
        # The main thread reports a closed pipe.
        with suppress(BrokenPipeError):
            while not ended.wait(_LINE_SECONDS):
                console.print(shown(f"{title}: {latest}{time.monotonic() - since:.0f} s"))

    thread = Thread(target=repeat, daemon=True)
    thread.start()
    try:
        yield show
    finally:
        ended.set()
        thread.join()
