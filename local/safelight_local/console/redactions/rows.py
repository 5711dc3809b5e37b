"""The lines of the list of uploads that were redacted."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from safelight_local.aws.redaction_states import State

LATEST = 50
"""How many uploads are listed."""


@dataclass(frozen=True, kw_only=True)
class Row:
    """An upload in the list.

    Parameters
    ----------
    id
        What names it to the server: the key of a photograph, the ARN of the execution of a video.
    key
        Of the upload.
    outcome
        How the redaction ended, or ``WAITING`` or ``RUNNING``.
    reason
        Why it was rejected or has failed. Default: there is none.
    progress
        what is done now, in words. Default: nothing.
    covered
        How much is covered, by kind. Default: nothing.
    started, stopped
        When the photograph was uploaded or the execution started, and when the result was written. ``None`` if it was
        not.
    """

    id: str
    key: str
    outcome: str
    reason: str = ""
    progress: str = ""
    covered: Mapping[str, int] = field(default_factory=dict)
    started: datetime
    stopped: datetime | None

    @property
    def is_final(self) -> bool:
        """Whether its outcome is known."""
        return self.outcome not in (WAITING, RUNNING)

    def as_json(self) -> dict[str, Any]:
        """Convert it for the page: times in seconds since 1970."""
        times = {"started": self.started.timestamp(), "stopped": self.stopped and self.stopped.timestamp()}
        return vars(self) | times | {"isFinal": self.is_final}


WAITING, RUNNING = "WAITING", "RUNNING"


def row_of(state: State, *, id: str, key: str, started: datetime, stopped: datetime | None, otherwise: str) -> Row:
    """Make the row of a state. ``otherwise``: the outcome while there is none."""
    return Row(
        id=id,
        key=key,
        outcome=state.ending.value if state.ending else otherwise,
        reason=state.reason,
        progress="" if state.ending or state.progress == State().progress else state.progress,
        covered=state.covered,
        started=started,
        stopped=stopped,
    )
