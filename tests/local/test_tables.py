"""Tables on terminals of usual widths: no word is broken, and no name is cut."""

import io
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from rich.console import Console
from tests.local.deliveries import settings
from tests.local.workflows import workflow

from safelight_contracts.delivery.settings import Source
from safelight_contracts.records import Status
from safelight_local.aws.deliveries import Delivery
from safelight_local.aws.executions import Execution
from safelight_local.aws.records import Record
from safelight_local.aws.uploads import Progress, Upload
from safelight_local.aws.websites import Website
from safelight_local.console.outcome import Outcome
from safelight_local.outcomes import ListedExecution
from safelight_local.tables import (
    executions_table,
    next_commands,
    show_deployed,
    show_execution,
    uploads_table,
)

NAME = "3da81ee9-61c4-48ac-856e-c30121c62b9f"
KEY = "riverside/café + crème 100%.jpg"
LONGEST_REASON = "UNSUPPORTED_PLACE_TYPE"
STARTED = datetime(2026, 1, 31, 14, 2, 33, tzinfo=UTC)
WIDTHS = [80, 100, 120, 200]


LONGEST_NAMES = workflow(
    upload_bucket="photos-workflowuploads-1a2b3c4d5e6f",
    published_bucket="photos-workflowpublished-1a2b3c4d5e6f",
    records_table="Photos-WorkflowRecordsTable-1A2B3C4D5E6F",
)


def execution(*, key: str = KEY) -> Execution:
    return Execution(
        arn=f"arn:{NAME}",
        name=NAME,
        status="SUCCEEDED",
        started=STARTED,
        stopped=STARTED + timedelta(seconds=12.34),
        event={"detail": {"object": {"key": key}}},
    )


def listed(*, status: str = Status.REJECTED, reason: str | None = LONGEST_REASON, id: str = "A.B") -> ListedExecution:
    return ListedExecution(
        workflow=workflow(workflow_id=id), execution=execution(), outcome=Outcome(status=status, reason=reason)
    )


def upload(*, status: str, reason: str | None) -> Progress:
    renditions = [
        {"name": "tile", "key": f"{KEY}/0123456789abcdef0123456789abcdef/tile.jpg", "width": 400, "height": 400},
        {"name": "scaled", "key": f"{KEY}/0123456789abcdef0123456789abcdef/scaled.jpg", "width": 600, "height": 400},
    ]
    return Progress(
        upload=Upload(key=KEY, etag="1", place_type="swimming pool"),
        execution=execution(),
        record=Record(
            status=status,
            reason=reason,
            execution_arn=None,
            detail="",
            renditions=() if reason else tuple(it | {"bytes": 12345} for it in renditions),
            checks=({"check": "moderation", "accepted": True, "reason": None, "detail": {"labels": []}},),
        ),
    )


PUBLISHED = upload(status=Status.PUBLISHED, reason=None)
REJECTED = upload(status=Status.REJECTED, reason=LONGEST_REASON)


def lines_of(*, width: int, shown: object = None, terminal: bool = True) -> tuple[Console, io.StringIO]:
    file = io.StringIO()
    console = Console(
        file=file, width=width, force_terminal=terminal, color_system=None, highlight=False, _environ={"TERM": "xterm"}
    )
    if shown is not None:
        console.print(shown)
    return console, file


def uploads(items: Sequence[Progress], *, width: int) -> str:
    console, file = lines_of(width=width)
    console.print(uploads_table(items, console=console))
    return file.getvalue()


def executions(items: Sequence[ListedExecution], *, width: int, terminal: bool = True) -> str:
    console, file = lines_of(width=width, terminal=terminal)
    console.print(executions_table(items, console=console))
    return file.getvalue()


@pytest.mark.parametrize("width", WIDTHS)
def test_uploads_fit_and_no_word_is_broken(width: int) -> None:
    written = uploads([PUBLISHED, REJECTED], width=width)
    assert max(map(len, written.splitlines())) <= width
    for word in (
        KEY,
        "swimming pool",
        "PUBLISHED",
        "REJECTED",
        LONGEST_REASON,
        "tile 400x400",
        "scaled 600x400",
        "12.34",
    ):
        assert word in written


@pytest.mark.parametrize("width", WIDTHS)
def test_an_upload_takes_two_lines_at_most(width: int) -> None:
    one = uploads([PUBLISHED], width=width)
    two = uploads([PUBLISHED, REJECTED], width=width)
    assert len(two.splitlines()) - len(one.splitlines()) <= 2


def test_an_upload_takes_one_line_where_there_is_room() -> None:
    assert sum("swimming pool" in line and KEY in line for line in uploads([REJECTED], width=120).splitlines()) == 1


@pytest.mark.parametrize("width", WIDTHS)
def test_the_name_of_an_execution_is_never_cut(width: int) -> None:
    written = executions([listed(), listed(status=Status.PUBLISHED, reason=None)], width=width)
    assert max(map(len, written.splitlines())) <= width
    assert written.count(NAME) == 2
    for word in (KEY, "REJECTED", LONGEST_REASON, "PUBLISHED", "14:02:33", "12.34"):
        assert word in written


@pytest.mark.parametrize("width", WIDTHS)
def test_a_long_reason_does_not_cut_the_name_of_an_execution(width: int) -> None:
    written = executions([listed(reason="States.QueryEvaluationError")], width=width)
    assert max(map(len, written.splitlines())) <= width
    assert NAME in written


@pytest.mark.parametrize("width", WIDTHS)
def test_outcome_and_reason_come_first(width: int) -> None:
    lines = executions([listed()], width=width).splitlines()
    assert lines[0].split(maxsplit=1)[0].startswith("outcome")
    assert any(line.startswith("REJECTED") for line in lines)


@pytest.mark.parametrize("width", WIDTHS)
def test_several_workflows_are_named(width: int) -> None:
    written = executions([listed(id="Photos.Workflow"), listed(id="Scans.Workflow")], width=width)
    assert "Photos.Workflow" in written
    assert "Scans.Workflow" in written


def test_an_execution_is_one_line_for_a_program() -> None:
    (_, line) = executions([listed()], width=400, terminal=False).splitlines()
    for word in ("REJECTED", LONGEST_REASON, KEY, NAME):
        assert word in line


def test_an_execution_that_runs_is_shown_as_running() -> None:
    running = ListedExecution(workflow=workflow(), execution=execution(), outcome=Outcome(status=None, reason=None))
    assert "running" in executions([running], width=80)


@pytest.mark.parametrize("width", WIDTHS)
def test_a_shown_execution_breaks_only_what_is_longer_than_a_line(width: int) -> None:
    console, file = lines_of(width=width)
    show_execution(PUBLISHED, workflow=LONGEST_NAMES, console=console)
    written = file.getvalue()
    assert max(map(len, written.splitlines())) <= width
    for word in (NAME, "Photos.Workflow", "moderation", "accepted", "400 x 400", "12345"):
        assert word in written


@pytest.mark.parametrize("other", [None, "arn:aws:states:us-east-1:000000000000:execution:photos:retry-1"])
def test_a_shown_execution_names_the_other_one_that_wrote_the_record(other: str | None) -> None:
    console, file = lines_of(width=80)
    show_execution(replace(PUBLISHED, recorded_by=other), workflow=LONGEST_NAMES, console=console)
    assert ("written by another execution: safelight show retry-1" in file.getvalue()) is (other is not None)


@pytest.mark.parametrize("width", WIDTHS)
def test_the_resources_of_a_workflow_can_be_copied(width: int) -> None:
    console, file = lines_of(width=width)
    show_deployed(workflows=[LONGEST_NAMES], deliveries=[], websites=[], redactions=[], console=console)
    for name in (LONGEST_NAMES.upload_bucket, LONGEST_NAMES.published_bucket, LONGEST_NAMES.records_table):
        assert name in file.getvalue()


@pytest.mark.parametrize("width", WIDTHS)
def test_the_bucket_and_the_addresses_of_a_delivery_can_be_copied(width: int) -> None:
    console, file = lines_of(width=width)
    bucket, url, here = (
        "pictures-" + "b" * 54,
        "https://d1abc.cloudfront.net",
        "https://d1abc.cloudfront.localhost:4566",
    )
    given = settings(sources=(Source(bucket=bucket),))
    delivery = Delivery(
        name="Cdn", stack="Pictures", url=url, function_arn="arn:aws:lambda:::make", settings=given, local_url=here
    )
    show_deployed(workflows=[], deliveries=[delivery], websites=[], redactions=[], console=console)
    assert [name for name in (bucket, url, here) if name not in file.getvalue()] == []


def test_all_that_is_deployed_is_aligned_and_followed_by_one_line_of_commands() -> None:
    console, file = lines_of(width=200)
    delivery = Delivery(name="Cdn", stack="A", url="https://a", function_arn="arn", settings=settings())
    website = Website(name="Site", stack="B", source_bucket="photos", url="https://b")
    show_deployed(workflows=[LONGEST_NAMES], deliveries=[delivery], websites=[website], redactions=[], console=console)
    *facts, following = file.getvalue().splitlines()
    assert {re.search(r" {2,}(?=\S)", line).end() for line in facts} == {18}  # type: ignore[union-attr]
    assert following.startswith("Next: safelight run IMAGE...")


@pytest.mark.parametrize(("secret", "is_named"), [("arn:aws:secretsmanager:::keys", True), (None, False)])
def test_commands_for_keys_are_named_only_if_a_delivery_signs(secret: str | None, *, is_named: bool) -> None:
    unsigned = Delivery(name="Cdn", stack="A", url="https://a", function_arn="arn", settings=settings())
    chosen = Delivery(name="Cdn", stack="B", url="https://b", function_arn="arn", settings=settings(keys_secret=secret))
    named = next_commands(workflows=[], deliveries=[unsigned, chosen], redactions=[])
    assert ("safelight keys sync" in named, "safelight sign URL" in named) == (is_named, is_named)
    assert "safelight html KEY" in named


@pytest.mark.parametrize(("status", "reason"), [(Status.FAILED, "CheckNotMade"), (Status.REJECTED, "CHECK_NOT_MADE")])
def test_an_upload_whose_check_was_not_made_names_the_command_that_says_why(status: str, reason: str) -> None:
    console, file = lines_of(width=80)
    show_execution(upload(status=status, reason=reason), workflow=LONGEST_NAMES, console=console)
    assert "`safelight logs`" in file.getvalue()


def test_another_upload_names_no_other_command() -> None:
    console, file = lines_of(width=80)
    show_execution(REJECTED, workflow=LONGEST_NAMES, console=console)
    assert "safelight logs" not in file.getvalue()
