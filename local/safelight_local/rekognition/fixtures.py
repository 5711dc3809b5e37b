"""Fixtures: the answers that a test gives for images that it names.

No model here finds what Rekognition would refuse (nobody ships such pictures), nor fails the way a service
does. A fixture stands for both: for an image named by its key or by its SHA-256, it gives an answer or an error
an operation, and the stand-in says of each that it is a fixture's. Fixtures are JSON, by name::

    {
      "unsafe-park": {
        "key": "park/*/unsafe.jpg",
        "answers": {
          "DetectModerationLabels": [
            {"error": {"code": "ThrottlingException", "message": "Slow down"}, "times": 2},
            {"response": {"ModerationLabels": [{"Name": "Violence", "Confidence": 98.0, "ParentName": ""}]}}
          ]
        }
      }
    }

``key`` is a pattern with ``*`` (which matches slashes too), ``?`` and ``[...]``; ``sha256`` is that of the
file's bytes and holds however the image comes. A reply with ``times`` is served so often and then gives way to
the next; after the last one the model answers.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from safelight_local.errors import UserError
from safelight_local.rekognition import service_model
from safelight_local.rekognition.errors import ServiceError

_NAME = re.compile(r"[A-Za-z0-9._-]{1,100}")
_SHA256 = re.compile(r"[0-9a-f]{64}")


class InvalidFixtureError(ValueError):
    """A fixture is invalid. The message says where and why."""


@dataclass(frozen=True, kw_only=True)
class Reply:
    """What a fixture says to an operation.

    `times`: how often it is served before the next reply's turn; None: for ever.
    """

    outcome: Mapping[str, Any] | ServiceError
    times: int | None


@dataclass(frozen=True, kw_only=True)
class Fixture:
    """The replies for one named image.

    `key`: a pattern of S3 keys.
    `sha256`: the SHA-256 of the file, in hexadecimal.
    """

    source: Mapping[str, Any]
    key: str | None
    sha256: str | None
    replies: Mapping[str, tuple[Reply, ...]]


@dataclass(frozen=True, kw_only=True)
class Served:
    """A reply, and the name of the fixture that gave it."""

    fixture: str
    outcome: Mapping[str, Any] | ServiceError


class FixtureBook:
    """The active fixtures, and how often each reply was served. It is thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._fixtures: dict[str, Fixture] = {}
        self._served: dict[tuple[str, str], int] = {}

    def sources(self) -> dict[str, Mapping[str, Any]]:
        """Return the active fixtures as JSON, by name."""
        with self._lock:
            return {name: fixture.source for name, fixture in self._fixtures.items()}

    def replace(self, fixtures: Mapping[str, Fixture]) -> None:
        """Replace all fixtures, and reset the counts."""
        with self._lock:
            self._fixtures = dict(fixtures)
            self._served = {}

    def put(self, name: str, fixture: Fixture) -> None:
        """Add or replace a fixture, and reset its count."""
        with self._lock:
            self._forget(name)
            self._fixtures[name] = fixture

    def remove(self, name: str) -> None:
        """Remove a fixture.

        Raises KeyError if there is no fixture of that name.
        """
        with self._lock:
            del self._fixtures[name]
            self._forget(name)

    def reply(self, operation: str, *, key: str | None, sha256: str) -> Served | None:
        """Serve the next reply for an image; None when no fixture has one (left).

        `operation`: such as ``DetectLabels``.
        `key`: the image's S3 key; None when it came as bytes, which no pattern of keys matches.
        `sha256`: of its bytes, in hexadecimal.
        """
        with self._lock:
            for name, fixture in self._fixtures.items():
                by_key = fixture.key is not None and key is not None and fnmatchcase(key, fixture.key)
                if not by_key and fixture.sha256 != sha256:
                    continue
                served = self._served.get((name, operation), 0)
                turn = 0
                for reply in fixture.replies.get(operation, ()):
                    turn += reply.times or 0
                    if reply.times is None or served < turn:
                        self._served[name, operation] = served + 1
                        return Served(fixture=name, outcome=reply.outcome)
        return None

    def _forget(self, name: str) -> None:
        self._served = {counted: times for counted, times in self._served.items() if counted[0] != name}


def read_fixtures(file: Path, *, operations: Collection[str]) -> dict[str, Fixture]:
    """Read a file of fixtures.

    Raises UserError if the file cannot be read or a fixture in it is not valid.
    """
    try:
        return parse_fixtures(json.loads(file.read_bytes()), operations=operations)
    except OSError as error:
        raise UserError(f"cannot read the fixtures file {file} ({error.strerror})") from error
    except ValueError as error:  # InvalidFixtureError is one, and so is what json raises.
        raise UserError(f"fixtures file {file}: {error}") from error


def parse_fixtures(
    sources: Any,
    *,
    operations: Collection[str],
) -> dict[str, Fixture]:
    """Parse fixtures from JSON, by name.

    Raises InvalidFixtureError if one is not valid.
    """
    if not isinstance(sources, dict):
        raise InvalidFixtureError("fixtures are a JSON object, by name")
    return {name: parse_fixture(name, source, operations=operations) for name, source in sources.items()}


def parse_fixture(
    name: str,
    source: Any,
    *,
    operations: Collection[str],
) -> Fixture:
    """Parse a fixture from JSON, and validate its answers against Rekognition's service model.

    Raises InvalidFixtureError if it is not valid.
    """
    where = f"fixture {name!r}"
    if not _NAME.fullmatch(name):
        raise InvalidFixtureError(f"{where}: a name has 1 to 100 letters, digits, dots, hyphens, underscores")
    _require_members(source, where=where, required={"answers"}, allowed={"key", "sha256", "answers"})
    if not {"key", "sha256"} & source.keys():
        raise InvalidFixtureError(f"{where}: it names its image by `key` or by `sha256`")
    key, sha256, answers = source.get("key"), source.get("sha256"), source["answers"]
    if not isinstance(key, str | None):
        raise InvalidFixtureError(f"{where}: `key` is text")
    if sha256 is not None and not (isinstance(sha256, str) and _SHA256.fullmatch(sha256)):
        raise InvalidFixtureError(f"{where}: `sha256` is 64 hexadecimal digits in lower case")
    if not isinstance(answers, dict) or not answers:
        raise InvalidFixtureError(f"{where}: `answers` is a JSON object by operation, and not empty")
    if unknown := answers.keys() - set(operations):
        raise InvalidFixtureError(
            f"{where}: no operation {sorted(unknown)[0]}; there is {', '.join(sorted(operations))}"
        )
    return Fixture(
        source=source,
        key=key,
        sha256=sha256,
        replies={
            operation: _parse_replies(replies, operation=operation, where=f"{where}, {operation}")
            for operation, replies in answers.items()
        },
    )


def _parse_replies(
    sources: Any,
    *,
    operation: str,
    where: str,
) -> tuple[Reply, ...]:
    if not isinstance(sources, list) or not sources:
        raise InvalidFixtureError(f"{where}: the replies are a JSON list, and not empty")
    replies = []
    for number, source in enumerate(sources, start=1):
        place = f"{where}, reply {number}"
        _require_members(source, where=place, required=set(), allowed={"response", "error", "times"})
        times = source.get("times")
        if times is not None and (type(times) is not int or times < 1):
            raise InvalidFixtureError(f"{place}: `times` is a whole number from 1 on")
        if ("response" in source) == ("error" in source):
            raise InvalidFixtureError(f"{place}: it has either a `response` or an `error`")
        if "error" in source:
            outcome: Mapping[str, Any] | ServiceError = _parse_error(source["error"], operation=operation, where=place)
        elif problems := service_model.answer_problems(operation, source["response"]):
            raise InvalidFixtureError(f"{place}: not an answer of {operation}: {problems}")
        else:
            outcome = source["response"]
        replies.append(Reply(outcome=outcome, times=times))
    return tuple(replies)


def _parse_error(source: Any, *, operation: str, where: str) -> ServiceError:
    _require_members(source, where=where, required={"code", "message"}, allowed={"code", "message"})
    if source["code"] not in (codes := service_model.error_codes(operation)):
        raise InvalidFixtureError(f"{where}: {operation} has no error {source['code']}; it has {codes}")
    return ServiceError(source["code"], str(source["message"]))


def _require_members(
    source: Any,
    *,
    where: str,
    required: set[str],
    allowed: set[str],
) -> None:
    if not isinstance(source, dict):
        raise InvalidFixtureError(f"{where}: it is a JSON object")
    if missing := required - source.keys():
        raise InvalidFixtureError(f"{where}: `{sorted(missing)[0]}` is missing")
    if unknown := source.keys() - allowed:
        raise InvalidFixtureError(f"{where}: `{sorted(unknown)[0]}` is not known; there is {sorted(allowed)}")
