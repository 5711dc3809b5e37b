"""Redacts files of this machine by a deployed redaction, several at once."""

import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path

from safelight_local.aws.clients import Clients
from safelight_local.aws.redacting import fetch, follow, remove, send
from safelight_local.aws.redaction_states import Ending, Sent, State
from safelight_local.aws.redactions import Redaction
from safelight_local.previews import NoPreviewError

_POLL_SECONDS = 0.5


@dataclass(frozen=True, kw_only=True)
class RedactedFile:
    """What happened to a file.

    Parameters
    ----------
    path
        The file.
    state
        How far its redaction came. Its ending is ``None`` if the time ran out.
    seconds
        From the upload to the outcome.
    written
        Where the result is. ``None`` if there is none.
    preview
        Where its preview is. ``None`` if there is none.
    no_preview
        Why a preview that was asked for is not there.
    """

    path: Path
    state: State = field(default_factory=State)
    seconds: float
    written: Path | None = None
    preview: Path | None = None
    no_preview: str = ""

    @property
    def ending(self) -> Ending | None:
        """How the redaction ended. None if the time ran out."""
        return self.state.ending


def redact_files(
    clients: Clients,
    *,
    files: Sequence[tuple[Path, Redaction, Path]],
    deadline: float,
    show: Callable[[str], None],
    validate: Callable[[], None],
    afterwards: Callable[[Clients, Sent], None],
    make_preview: Callable[..., Path] | None = None,
) -> list[RedactedFile]:
    """Upload files, wait for their outcomes, and write the results.

    Parameters
    ----------
    clients
        Of where the redactions are deployed.
    files
        File, its redaction, and the folder of the result, which is made.
    deadline
        When to stop waiting, on the clock of ``time.monotonic``.
    show
        Gets how far the files are, in one line.
    validate
        Called between polls. It raises an error to stop waiting.
    afterwards
        Called for each file that was uploaded, also after an error: `remove_sent` or `leave_sent`.
    make_preview
        Makes the preview of a redacted file, as `safelight_local.previews.make_preview`. Default: there are none.

    Returns
    -------
    list of RedactedFile
        One for each file, in their order.
    """
    done: dict[int, RedactedFile] = {}
    with ExitStack() as stack:
        sent: list[Sent] = []
        for number, (path, redaction, _folder) in enumerate(files):
            show(f"uploading {number + 1} of {len(files)}")
            there = clients.of(redaction.arn)
            sent.append(send(there, redaction=redaction, path=path))
            stack.callback(afterwards, there, sent[-1])
        started = time.monotonic()
        watches = {number: follow(clients.of(it.redaction.arn), sent=it) for number, it in enumerate(sent)}
        latest = dict.fromkeys(watches, State())
        while watches:
            for number, watch in list(watches.items()):
                latest[number] = next(watch)
                if latest[number].ending is None and time.monotonic() < deadline:
                    continue
                path, redaction, folder = files[number]
                ended = RedactedFile(path=path, state=latest[number], seconds=time.monotonic() - started)
                if ended.ending is Ending.REDACTED:
                    there = clients.of(redaction.arn)
                    ended = _written(ended, there, sent=sent[number], folder=folder, make_preview=make_preview)
                done[number] = ended
                del watches[number]
            show(_words([(files[number][0], latest[number]) for number in watches], ended=len(done)))
            if watches:
                validate()
                time.sleep(_POLL_SECONDS)
    return [done[number] for number in range(len(files))]


def remove_sent(clients: Clients, sent: Sent) -> None:
    """Remove a file that was uploaded, and its result."""
    remove(clients, sent=sent)


def leave_sent(_clients: Clients, _sent: Sent) -> None:
    """Leave a file that was uploaded, and its result, where they are."""


def _written(
    file: RedactedFile, clients: Clients, *, sent: Sent, folder: Path, make_preview: Callable[..., Path] | None
) -> RedactedFile:
    """Write the result of a redacted file, and its preview."""
    folder.mkdir(parents=True, exist_ok=True)
    written = replace(file, written=fetch(clients, sent=sent, folder=folder))
    if make_preview is None:
        return written
    try:
        return replace(written, preview=make_preview(clients, sent=sent, folder=folder))
    except NoPreviewError as error:
        return replace(written, no_preview=str(error))


def _words(waiting: Sequence[tuple[Path, State]], *, ended: int) -> str:
    if len(waiting) == 1 and not ended:
        return waiting[0][1].progress
    counted = f"{ended} of {ended + len(waiting)} files"
    return ", ".join([counted, *(f"{path.name}: {state.progress}" for path, state in waiting)])
