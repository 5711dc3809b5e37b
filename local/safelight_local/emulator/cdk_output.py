"""Reads the output of the CDK CLI: how far it is, what it waits for, and why it has failed."""

import re
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from threading import Event, Thread

from safelight_models.progress import read_progress

_COLOUR = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
_EXCEPTION = re.compile(r"^(?:[A-Za-z_][\w.]*\.)?([A-Z]\w*(?:Error|Exception|Failure|Exit|Interrupt)): (.*)$")
_CLI_ERROR = re.compile(r"^(?:❌\s*)?(?:.*\bfailed: )?(?:\w*Error|\[Error at [^]]+\]):? (.*)$")
# Of a syntax error, Python writes only where it is: no function was running there.
_SYNTAX_ERROR = re.compile(r"^(?:SyntaxError|IndentationError|TabError)\b")
_PLACE = re.compile(r'^File "(?P<file>.*)", (?P<line>line \d+)$')
# What the CLI adds to the output of an app that fails.
_EXITED = ": Subprocess exited with error "
_SYNTHESISED = re.compile(r"^✨\s+Synthesis time:")
# The count of an event includes the stack itself. The CDK knows the total only where it deploys a change set.
_EVENT = re.compile(
    r"^[\w-]+ \| +(?P<done>\d+)(?:/(?P<total>\d+))? \| [^|]* \| (?P<status>\w+?)_(?P<state>IN_PROGRESS|\w+) *"
    r"\| (?P<type>\S+) *\| (?P<path>.*)"
)
# The CDK lists these once more at the end, without their count.
_FAILED = re.compile(r"^[\w-]+ \| [^|]* \| (?P<status>\w+_FAILED) *\| (?P<type>\S+) *\| (?P<path_and_reason>.*)")
# The CDK repeats what it waits for. That is no event.
_WAITING = "Currently in progress: "


def without_colours(line: str) -> str:
    """Remove what colours a line on a terminal."""
    return _COLOUR.sub("", line)


def progress_of(line: str) -> str | None:
    """Find how far a run of the CLI is in a line of its output.

    `line`: the line, without colours.

    Result: such as ``building the layer pillow with pip`` or ``23 of 61 resources``, or ``23 resources`` if the line
    has no total. None if the line does not say.
    """
    if (announced := read_progress(line)) is not None:
        return announced
    if _SYNTHESISED.match(line):
        return "publishing functions and templates"
    event = _EVENT.match(line)
    if event is None:
        return None
    done, total = event["done"], event["total"]
    return f"{done} of {total} resources" if total else f"{done} resources"


def message_of(output: str) -> str:
    """Find the error message in the output of a failed run of the CLI.

    `output`: all that the CLI and the app wrote.

    Returns the resources that failed, each with its reason; else the message of the last Python exception, with file
    and line if it is a syntax error, or of the CLI's own error; else the last line of the app. One line.
    """
    lines = [without_colours(line).strip().removeprefix("‣ ") for line in output.splitlines()]
    failed = [found for line in lines if (found := _FAILED.match(line))]
    if failed:
        return "; ".join(f"{it['type']} {it['path_and_reason']} ({it['status']})" for it in failed)
    for pattern in (_EXCEPTION, _CLI_ERROR):
        for line in reversed(lines):
            found = pattern.match(line)
            if found and not found.group(found.lastindex or 0).startswith("Subprocess exited"):
                return _one_line(line, found) + _place_of(line, lines=lines)
    written = [line for line in lines if line]
    return next((line for line in reversed(written) if _EXITED not in line), (written or ["it wrote nothing"])[-1])


def _one_line(line: str, found: re.Match[str]) -> str:
    # The message of a ValueError is meant for the user. For other exceptions, the name is needed too.
    return found.group(2) if found.re is _EXCEPTION and found.group(1) == "ValueError" else line


def _place_of(error: str, *, lines: Sequence[str]) -> str:
    places = [found for line in lines if (found := _PLACE.match(line))] if _SYNTAX_ERROR.match(error) else []
    return f" ({places[-1]['file']}, {places[-1]['line']})" if places else ""


class Watch:
    """Ends a deployment that stands still."""

    def __init__(self, *, seconds: float) -> None:
        self.has_ended = False
        self._seconds = seconds
        self._heard = time.monotonic()
        # The CDK may print the end of an operation before its start.
        self._started: dict[str, str] = {}
        self._done: set[str] = set()

    def hear(self, line: str) -> None:
        """Take a line of the CLI's output, without colours."""
        if _WAITING in line:
            return
        self._heard = time.monotonic()
        event = _EVENT.match(line)
        if event is None or event["type"] == "AWS::CloudFormation::Stack":
            return
        resource = f"{event['status']} {event['type']} {event['path'].strip()}"
        if event["state"] == "IN_PROGRESS":
            self._started[resource] = f"{event['type']} {event['path'].strip()}"
        else:
            self._done.add(resource)

    @property
    def in_progress(self) -> str:
        """The resources that CloudFormation works at, in words."""
        waiting = [words for resource, words in self._started.items() if resource not in self._done]
        return f"these are in progress: {', '.join(waiting)}" if waiting else "no resource is in progress"

    @contextmanager
    def ending(self, end: Callable[[], None]) -> Iterator[None]:
        """Call a function when no event has come for too long in a ``with`` block.

        `end`: Ends what the block waits for.

        """
        left = Event()

        def watch() -> None:
            while not left.wait(min(1.0, self._seconds)):
                if time.monotonic() - self._heard > self._seconds:
                    self.has_ended = True
                    end()
                    return

        thread = Thread(target=watch, daemon=True)
        thread.start()
        try:
            yield
        finally:
            left.set()
            thread.join()
