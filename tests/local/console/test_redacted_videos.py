"""The console's page of redactions, for videos: executions, contact sheets, parts of the video, and Map Runs."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
from tests.local.console.serving import answer, ask, served
from tests.local.emulator_clients import wait_until
from tests.local.redacted_videos import Filmed, deploy_video_redaction, sheet

from safelight_local.console.api import Api
from safelight_local.console.server import ConsoleServer
from safelight_local.emulator.process import Emulator


@pytest.fixture(scope="module")
def filmed(emulator: Emulator) -> Filmed:
    return deploy_video_redaction(emulator.endpoints)


@pytest.fixture
def server(emulator: Emulator) -> Iterator[ConsoleServer]:
    yield from served(Api(emulator.endpoints, stack="Filmed", may_upload=False))


def rows(server: ConsoleServer, filmed: Filmed) -> dict[str, Any]:
    query = urlencode({"redaction": filmed.machine})
    return {row["id"]: row for row in answer(ask(server, f"/api/redaction/uploads?{query}"))["rows"]}


def of(filmed: Filmed, arn: str, **more: str) -> str:
    return urlencode({"redaction": filmed.machine, "item": arn, **more})


def view(server: ConsoleServer, filmed: Filmed, arn: str) -> Any:
    return answer(ask(server, f"/api/redaction/upload?{of(filmed, arn)}"))


def test_each_execution_has_its_outcome(server: ConsoleServer, filmed: Filmed) -> None:
    done, broken = filmed.run("in/done.mp4"), filmed.run("in/broken.mp4")
    rejected = filmed.run("in/no.mp4", outcome={"status": "REJECTED", "reason": "HDR", "detail": {}})
    found = rows(server, filmed)
    assert {arn: (found[arn]["outcome"], found[arn]["reason"]) for arn in (done, broken, rejected)} == {
        done: ("REDACTED", ""),
        broken: ("FAILED", "Broken"),
        rejected: ("REJECTED", "HDR"),
    }
    assert found[done]["covered"] == {"FACE": 2}


def test_an_execution_that_finds_its_result_there_counts_as_redacted(server: ConsoleServer, filmed: Filmed) -> None:
    arn = filmed.run("in/there.mp4", outcome={"status": "ALREADY_REDACTED"})
    filmed.publish("in/there.mp4")
    filmed.keep_review("in/there.mp4")
    shown = view(server, filmed, arn)
    assert (shown["outcome"], shown["covered"]) == ("REDACTED", {"FACE": 1})


def test_a_rejected_video_is_not_shown_with_what_another_execution_made(server: ConsoleServer, filmed: Filmed) -> None:
    arn = filmed.run("in/other.mp4", outcome={"status": "REJECTED", "reason": "HDR", "detail": {}})
    filmed.publish("in/other.mp4")
    assert view(server, filmed, arn)["video"] is None


def test_a_running_execution_shows_how_many_chunks_are_done(server: ConsoleServer, filmed: Filmed) -> None:
    arn = filmed.start("in/slow.mp4")
    # A Map Run is there before its chunks are counted.
    wait_until(lambda: [phase["total"] for phase in view(server, filmed, arn)["phases"]] == [3])
    shown = view(server, filmed, arn)
    assert (shown["outcome"], shown["isFinal"]) == ("RUNNING", False)
    (phase,) = shown["phases"]
    assert (phase["name"], phase["done"], phase["total"], phase["is_over"]) == ("finding faces", 0, 3, False)
    assert "0 of 3 chunks" in rows(server, filmed)[arn]["progress"]
    filmed.endpoints.stepfunctions.stop_execution(executionArn=arn)


def test_a_video_is_shown_with_contact_sheets(server: ConsoleServer, filmed: Filmed) -> None:
    arn = filmed.run("in/sheets.mp4")
    filmed.publish("in/sheets.mp4")
    filmed.keep_review("in/sheets.mp4")
    shown = view(server, filmed, arn)
    assert (shown["sheets"], shown["size"], shown["video"]) == (["before", "after"], [64, 48], True)
    for name in ("before", "after"):
        got = ask(server, f"/redactions/picture?{of(filmed, arn, name=name)}")
        assert (got.status, got.read()) == (200, sheet())


def test_what_belongs_to_a_later_upload_of_the_key_is_not_shown(server: ConsoleServer, filmed: Filmed) -> None:
    arn = filmed.run("in/twice.mp4")
    filmed.publish("in/twice.mp4", etag="later")
    filmed.keep_review("in/twice.mp4", etag="later")
    shown = view(server, filmed, arn)
    assert (shown["after"], shown["sheets"], shown["video"]) == (None, [], None)
    assert ask(server, f"/redactions/video?{of(filmed, arn)}").status == 404


@pytest.mark.parametrize(
    ("asked", "status", "body", "content_range"),
    [
        (None, 200, b"0123456789", None),
        ("bytes=2-4", 206, b"234", "bytes 2-4/10"),
        ("bytes=7-", 206, b"789", "bytes 7-9/10"),
        ("bytes=-2", 206, b"89", "bytes 8-9/10"),
        ("pages=1-2", 200, b"0123456789", None),
        ("bytes=0-1,4-5", 200, b"0123456789", None),
    ],
)
def test_the_redacted_video_is_served_in_parts(
    server: ConsoleServer,
    filmed: Filmed,
    asked: str | None,
    status: int,
    body: bytes,
    content_range: str | None,
) -> None:
    arn = filmed.run("in/parts.mp4")
    filmed.publish("in/parts.mp4")
    got = ask(server, f"/redactions/video?{of(filmed, arn)}", Range=asked)
    assert (got.status, got.read(), got.getheader("Content-Range")) == (status, body, content_range)
    assert (got.getheader("Content-Type"), got.getheader("Accept-Ranges")) == ("video/mp4", "bytes")
    assert "sandbox" in str(got.getheader("Content-Security-Policy"))


def test_an_object_of_another_type_is_not_served(server: ConsoleServer, filmed: Filmed) -> None:
    arn = filmed.run("in/page.mp4")
    filmed.publish("in/page.mp4", content_type="text/html")
    assert ask(server, f"/redactions/video?{of(filmed, arn)}").status == 404
    assert view(server, filmed, arn)["video"] is False


def test_an_execution_of_another_video_or_machine_is_not_shown(server: ConsoleServer, filmed: Filmed) -> None:
    filmed.publish("secret.mp4")
    outside = filmed.run("secret.mp4")
    for arn in (outside, outside.replace(":filmed:", ":other:"), "in/parts.mp4", ""):
        assert ask(server, f"/redactions/video?{of(filmed, arn)}").status == 404
        assert ask(server, f"/api/redaction/upload?{of(filmed, arn)}").status == 404
        assert ask(server, f"/redactions/picture?{of(filmed, arn, name='before')}").status == 404
