"""The second part of the demo: images that are made when they are asked for, through the emulator's CloudFront."""

import base64
import io
import json
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from safelight_contracts.delivery.accept import AcceptedType
from safelight_contracts.delivery.result_keys import cached_key, source_prefix
from safelight_local.aws.deliveries import Delivery, choose_delivery, deployed_deliveries
from safelight_local.aws.signing_keys import choose_key, read_keys, store_keys
from safelight_local.console.playground.fetching import Fetched, fetch
from safelight_local.emulator.apps import STALL_SECONDS, deploy_app
from safelight_local.emulator.cdk import Cli
from safelight_local.emulator.endpoints import Endpoints
from safelight_local.samples import Samples
from safelight_local.terminal import shown
from safelight_local.web_pages.picture_sizes import upright_size
from safelight_local.web_pages.signed_urls import Signer

APP = Path("examples", "delivery", "app.py")
"""The app with the delivery, in the folder of the demo."""

KEY = "coffee.jpg"
_OK, _FORBIDDEN = 200, 403
_REPLACED_SECONDS = 30
# The function that handles the event starts first.
_HANDLED_SECONDS = 120
_PAUSE = 0.2

Stepping = Callable[[str], AbstractContextManager[Callable[[str], None]]]


@dataclass(frozen=True, kw_only=True)
class Case:
    """A request of the demo and its expected status.

    `name`: Of the file, and in the table.
    `target`: Path and query.
    """

    name: str
    target: str
    status: int = _OK


@dataclass(frozen=True, kw_only=True)
class FetchedTwice:
    """A request that was sent twice.

    `invocations`: How often each made the function run.
    """

    case: Case
    first: Fetched
    second: Fetched
    invocations: tuple[int, int]


def cases(signer: Signer) -> list[Case]:
    """List the requests: one of each form, one of any width, and the same without a signature."""
    document = json.dumps({"key": KEY, "edits": {"resize": {"width": 640}, "grayscale": True}}, separators=(",", ":"))
    encoded = base64.urlsafe_b64encode(document.encode()).decode().rstrip("=")
    wide = f"/{KEY}?width=500"
    return [
        Case(name="query", target=f"/{KEY}?preset=card"),
        Case(name="thumbor", target=f"/unsafe/640x0/filters:format(jpeg)/{KEY}"),
        Case(name="json", target=signer.sign(f"/{encoded}")),
        Case(name="signed", target=signer.sign(wide)),
        Case(name="unsigned", target=wide, status=_FORBIDDEN),
    ]


def unexpected(fetched: FetchedTwice) -> str | None:
    """Compare what a request got with what it should get.

    Returns what is wrong, in one line. None if nothing is.
    """
    case = fetched.case
    for status in (fetched.first.status, fetched.second.status):
        if status != case.status:
            return f"{case.name}: status {status}, and it should be {case.status}"
    if case.status == _OK and fetched.invocations != (1, 0):
        return f"{case.name}: the function ran {fetched.invocations} times, and it should run once, for the first fetch"
    return None


def deliver_samples(
    cli: Cli, *, endpoints: Endpoints, samples: Samples, output: Path, folder: Path, console: Console, step: Stepping
) -> list[str]:
    """Deploy a delivery, fetch images of one photograph, replace the photograph, and fetch again.

    `output`: the folder for the images; made when it is not there.
    `folder`: for files of the deployment; made.

    Returns one line for each unexpected outcome. Empty if there is none. Raises UserError if it does not deploy.
    """
    console.print(
        shown(
            f"Second part, up to a minute: deploys {APP}, asks its CloudFront for images of a photograph in each form, "
            "and replaces the photograph."
        )
    )
    folder.mkdir()
    deploy_app(
        cli,
        endpoints=endpoints,
        project=Path.cwd(),
        app=f"{sys.executable} {APP}",
        context=[],
        folder=folder,
        seconds=STALL_SECONDS,
        step=step,
    )
    delivery = choose_delivery(deployed_deliveries(endpoints))
    keys = read_keys(endpoints, delivery=delivery)
    store_keys(endpoints, delivery=delivery, keys=keys)
    key_id, secret = choose_key(keys, key_id=None)
    viewer = _Viewer(endpoints=endpoints, delivery=delivery)
    with step("Asking for images through CloudFront"):
        viewer.put_first(samples.landscape)
        fetched = [
            viewer.fetch_twice(case)
            for case in cases(Signer(scope=delivery.settings.scope, key_id=key_id, secret=secret))
        ]
    for item in fetched:
        _save(item.first, name=item.case.name, output=output)
    with step("Replacing the photograph, until the new one is delivered"):
        replaced = viewer.fetch_replaced(samples.person, case=fetched[0].case, old=fetched[0].first.body)
    if replaced:
        _save(replaced, name="query-replaced", output=output)
    console.print(requests_table(fetched))
    console.print(shown(f"Images to look at: {output}"))
    wrong = [line for line in map(unexpected, fetched) if line]
    return wrong if replaced else [*wrong, f"the old photograph was delivered {_REPLACED_SECONDS} s after its change"]


def requests_table(fetched: Sequence[FetchedTwice]) -> Table:
    """Make the table of requests."""
    table = Table(box=None, pad_edge=False)
    for column in ("request", "status", "type", "pixels", "bytes", "ms, first", "ms, second", "function runs", "URL"):
        table.add_column(column, overflow="fold", no_wrap=column != "URL")
    for item in fetched:
        size = upright_size(io.BytesIO(item.first.body))
        table.add_row(
            shown(item.case.name),
            shown(str(item.first.status)),
            shown(item.first.headers["content-type"]),
            shown(f"{size.width}x{size.height}" if size else ""),
            shown(str(len(item.first.body))),
            *(shown(f"{each.seconds * 1000:.0f}") for each in (item.first, item.second)),
            shown(f"{item.invocations[0]}, then {item.invocations[1]}"),
            shown(item.case.target),
        )
    return table


@dataclass(frozen=True, kw_only=True)
class _Viewer:
    endpoints: Endpoints
    delivery: Delivery

    def put_first(self, file: Path) -> None:
        """Put the photograph, and wait until its event is handled: it deletes all results of the photograph.

        A result that a request stores before that would be made twice.
        """
        bucket, results = self.delivery.settings.sources[0].bucket, self.delivery.settings.results_bucket
        old = f"{source_prefix(bucket=bucket, key=KEY)}old"
        # Without the first, nothing is looked for.
        for key in (cached_key(bucket=bucket, key=KEY), old):
            self.endpoints.s3.put_object(Bucket=results, Key=key, Body=b"")
        self.put(file)
        for _ in _attempts(seconds=_HANDLED_SECONDS):
            if not self.endpoints.s3.list_objects_v2(Bucket=results, Prefix=old).get("Contents"):
                return

    def put(self, file: Path) -> None:
        bucket = self.delivery.settings.sources[0].bucket
        self.endpoints.s3.put_object(Bucket=bucket, Key=KEY, Body=file.read_bytes())

    def fetch_twice(self, case: Case) -> FetchedTwice:
        runs = self._invocations()
        first = self._fetch(case)
        runs_then = self._invocations()
        second = self._fetch(case)
        invocations = (runs_then - runs, self._invocations() - runs_then)
        return FetchedTwice(case=case, first=first, second=second, invocations=invocations)

    def fetch_replaced(self, file: Path, *, case: Case, old: bytes) -> Fetched | None:
        """Replace the photograph, and fetch until the answer changes. None if it does not in time."""
        self.put(file)
        for _ in _attempts(seconds=_REPLACED_SECONDS):
            answer = self._fetch(case)
            if answer.status == _OK and answer.body != old:
                return answer
        return None

    def _fetch(self, case: Case) -> Fetched:
        return fetch(self.endpoints, base=self.delivery.url, target=case.target, accepted=AcceptedType.AVIF)

    def _invocations(self) -> int:
        settings = self.endpoints.lambda_.get_function_configuration(FunctionName=self.delivery.function_arn)
        pages = self.endpoints.logs.get_paginator("filter_log_events").paginate(
            logGroupName=settings["LoggingConfig"]["LogGroup"], filterPattern="START"
        )
        return sum(len(page["events"]) for page in pages)


def _attempts(*, seconds: float) -> Iterator[None]:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        yield
        time.sleep(_PAUSE)


def _save(answer: Fetched, *, name: str, output: Path) -> None:
    if answer.status == _OK:
        output.mkdir(parents=True, exist_ok=True)
        suffix = answer.headers["content-type"].removeprefix("image/")
        (output / f"{name}.{suffix}").write_bytes(answer.body)
