"""The executions of a workflow, updated with few calls: one for each refresh, and one for each new execution.

``ListExecutions`` returns no input, so the key of an upload needs a ``DescribeExecution``: one while the execution
runs, and one when it has ended. Records and places are read in batches of 100. Ended executions are cached.
"""

import threading
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from safelight_contracts.keys import place_id
from safelight_contracts.records import Attribute, place_key, upload_key
from safelight_local.aws.clients import Clients
from safelight_local.aws.deployment import DeployedWorkflow
from safelight_local.aws.executions import RUNNING, Execution, describe
from safelight_local.aws.records import read_items
from safelight_local.console.outcome import outcome_of

PAGE = 1000
"""How many executions are listed at first, and how many more each time. One call returns as many."""

_AGAIN = 100
_BATCH = 50
_CALLS_AT_ONCE = 8


@dataclass(frozen=True, kw_only=True)
class Row:
    """An execution in the list.

    `arn`, `name`, `status`: as Step Functions lists them.
    `version`: counts the changes of the whole list; a row has the number of its own last change.
    `read`: whether what follows is known as of that status: it is read after the row is listed.
    `key`, `etag`, `place_id`, `place_type`, `outcome`, `reason`: of its upload. The place's type is what its listing
    says now.
    """

    arn: str
    name: str
    status: str
    started: datetime
    stopped: datetime | None
    version: int
    read: bool = False
    key: str | None = None
    etag: str | None = None
    place_id: str | None = None
    place_type: str | None = None
    outcome: str | None = None
    reason: str | None = None

    def as_json(self) -> dict[str, Any]:
        """Convert it for the page: times in seconds since 1970."""
        times = {"started": self.started.timestamp(), "stopped": self.stopped and self.stopped.timestamp()}
        return vars(self) | times


class ExecutionList:
    """The listed executions of one workflow.

    `seconds_between`: Two refreshes are at least so far apart, however many pages ask.
    """

    def __init__(self, clients: Clients, *, workflow: DeployedWorkflow, seconds_between: float) -> None:
        self._clients = clients
        self._workflow = workflow
        self._seconds_between = seconds_between
        self._rows: dict[str, Row] = {}
        self._version = 0
        self._wanted_pages, self._listed_pages = 1, 0
        self._more = False
        self._trouble: str | None = None
        self._unread: dict[str, None] = {}
        self._reader: threading.Thread | None = None
        self._listed_at = float("-inf")
        self._lock = threading.Lock()
        self._listing = threading.Lock()

    def changes(self, *, since: int) -> dict[str, Any]:
        """Refresh the list if it is due, and return the rows that have changed.

        `since`: the ``version`` of an earlier answer; 0 gives all rows.

        Returns ``version``, ``rows``, ``unread`` (how many are still to be read), ``more`` (whether there are older
        ones) and ``trouble`` (why they cannot be read, or None).
        """
        self._list_when_due()
        with self._lock:
            return {
                "version": self._version,
                "rows": [row.as_json() for row in self._rows.values() if row.version > since],
                "unread": len(self._unread),
                "more": self._more,
                "trouble": self._trouble,
            }

    def list_older(self) -> None:
        """List one more page of older executions from now on."""
        with self._lock:
            self._wanted_pages += 1
            self._listed_at = float("-inf")

    def _list_when_due(self) -> None:
        with self._listing:
            if time.monotonic() - self._listed_at < self._seconds_between:
                return
            found = self._list()
            self._listed_at = time.monotonic()
        with self._lock:
            for item in found:
                known = self._rows.get(item["executionArn"])
                if known is None or known.status != item["status"]:
                    self._take(item, known=known)
            listed = {item["executionArn"] for item in found}
            # So many have started since that these are beyond the listed pages.
            out_of_reach = (arn for arn, row in self._rows.items() if row.status == RUNNING and arn not in listed)
            self._unread |= dict.fromkeys(islice(out_of_reach, _BATCH))
            if self._unread and (self._reader is None or not self._reader.is_alive()):
                self._reader = threading.Thread(target=self._read_all, daemon=True, name="read-executions")
                self._reader.start()

    def _list(self) -> list[Any]:
        """List as many as are wanted. Later, stop when all new and all running ones were listed."""
        again = self._wanted_pages == self._listed_pages
        running = {arn for arn, row in self._rows.items() if row.status == RUNNING}
        found: list[Any] = []
        token: dict[str, str] = {}
        while len(found) < self._wanted_pages * PAGE:
            answer = self._clients.stepfunctions.list_executions(
                stateMachineArn=self._workflow.state_machine_arn,
                maxResults=_AGAIN if again and len(running) < _AGAIN else PAGE,
                **token,  # type: ignore[arg-type]  # nextToken, which may not be given as None
            )
            found += answer["executions"]
            listed = [item["executionArn"] for item in answer["executions"]]
            running -= set(listed)
            if again and not running and any(arn in self._rows for arn in listed):
                return found
            if "nextToken" not in answer:
                self._more = False
                break
            self._more = True
            token = {"nextToken": answer["nextToken"]}
        self._listed_pages = self._wanted_pages
        return found

    def _take(self, item: Any, *, known: Row | None) -> None:
        self._version += 1
        row = known or Row(
            arn=item["executionArn"], name=item["name"], status="", started=item["startDate"], stopped=None, version=0
        )
        changed = replace(row, status=item["status"], stopped=item.get("stopDate"), version=self._version, read=False)
        self._rows[row.arn] = changed
        self._unread[row.arn] = None

    def _read_all(self) -> None:
        with ThreadPoolExecutor(_CALLS_AT_ONCE, thread_name_prefix="describe") as threads:
            while batch := self._latest_unread():
                try:
                    self._read(batch, threads=threads)
                except (BotoCoreError, ClientError) as error:
                    # The next refresh tries the rest again.
                    self._trouble = str(error)
                    return
                self._trouble = None
                with self._lock:
                    for arn in batch:
                        self._unread.pop(arn, None)

    def _latest_unread(self) -> list[str]:
        with self._lock:
            return sorted(self._unread, key=lambda arn: self._rows[arn].started, reverse=True)[:_BATCH]

    def _read(self, batch: Sequence[str], *, threads: ThreadPoolExecutor) -> None:
        described = threads.map(lambda arn: describe(self._clients, arn=arn), batch)
        executions = [execution for execution in described if execution is not None]
        keys = {it.arn: it.upload.get("key", "") for it in executions}
        places = {arn: place_id(key, prefix=self._workflow.key_prefix) for arn, key in keys.items()}
        records = {
            it.arn: upload_key(
                keys[it.arn], workflow=self._workflow.workflow_id, sequencer=it.upload.get("sequencer", "")
            )
            for it in executions
            if keys[it.arn]
        }
        listings = {arn: place_key(place) for arn, place in places.items() if place}
        items = read_items(self._clients, workflow=self._workflow, names=[*records.values(), *listings.values()])
        with self._lock:
            for execution in executions:
                arn = execution.arn
                self._fill(
                    execution,
                    record=items.get(records[arn]) if arn in records else None,
                    place_id=places[arn],
                    listing=items.get(listings[arn], {}) if arn in listings else {},
                )

    def _fill(
        self, execution: Execution, *, record: dict[str, Any] | None, place_id: str, listing: Mapping[str, Any]
    ) -> None:
        row = self._rows[execution.arn]
        outcome = outcome_of(execution, record=record)
        self._version += 1
        self._rows[execution.arn] = replace(
            row,
            status=execution.status,
            stopped=execution.stopped,
            version=self._version,
            read=True,
            key=execution.upload.get("key"),
            etag=execution.upload.get("etag"),
            place_id=place_id or None,
            place_type=listing.get(Attribute.PLACE_TYPE),
            outcome=outcome.status,
            reason=outcome.reason,
        )
