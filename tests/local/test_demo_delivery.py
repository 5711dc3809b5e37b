"""The second part of the demo: which images it asks for, and what it takes for wrong."""

from contextlib import nullcontext
from dataclasses import fields
from itertools import count
from pathlib import Path
from types import SimpleNamespace

import pytest
from tests.local.deliveries import deploy_delivery

from safelight_contracts.delivery.forms import Form
from safelight_contracts.delivery.request_urls import split_url
from safelight_local import demo, demo_delivery
from safelight_local.aws.deliveries import deployed_deliveries
from safelight_local.console.playground.fetching import Fetched
from safelight_local.demo_delivery import Case, FetchedTwice, _Viewer, cases, unexpected
from safelight_local.emulator.cdk import Cli
from safelight_local.emulator.endpoints import Endpoints
from safelight_local.emulator.process import Emulator
from safelight_local.errors import UserError
from safelight_local.samples import Samples
from safelight_local.terminal import make_console
from safelight_local.web_pages.signed_urls import Signer

SIGNER = Signer(scope="Pictures.Cdn", key_id="1", secret="s" * 43)


def twice(*, status: int = 200, expected: int = 200, invocations: tuple[int, int] = (1, 0)) -> FetchedTwice:
    got = Fetched(status=status, headers={}, body=b"", seconds=0.1)
    case = Case(name="query", target="/coffee.jpg?preset=card", status=expected)
    return FetchedTwice(case=case, first=got, second=got, invocations=invocations)


def test_each_form_is_asked_for() -> None:
    urls = [split_url(path, query) for path, _, query in (case.target.partition("?") for case in cases(SIGNER))]
    assert {url.form for url in urls} == set(Form)
    assert {url.key for url in urls} == {"coffee.jpg"}


def test_the_same_request_is_sent_with_and_without_a_signature() -> None:
    signed, unsigned = (case for case in cases(SIGNER) if case.name in ("signed", "unsigned"))
    assert SIGNER.sign(unsigned.target) == signed.target
    assert (signed.status, unsigned.status) == (200, 403)


@pytest.mark.parametrize("fetched", [twice(), twice(status=403, expected=403, invocations=(1, 1))])
def test_an_image_that_is_made_once_and_a_refusal_are_expected(fetched: FetchedTwice) -> None:
    assert unexpected(fetched) is None


def test_another_status_is_reported() -> None:
    assert unexpected(twice(status=502)) == "query: status 502, and it should be 200"


def test_a_stored_image_that_is_made_again_is_reported() -> None:
    assert "the function ran (1, 1) times" in str(unexpected(twice(invocations=(1, 1))))


def test_no_image_is_asked_for_before_the_event_of_the_photograph_is_handled(
    emulator: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    s3 = emulator.endpoints.s3
    for bucket in ("photos", "results"):
        s3.create_bucket(Bucket=bucket)
    deploy_delivery(emulator.endpoints)
    (delivery,) = deployed_deliveries(emulator.endpoints)
    (tmp_path / "photo.jpg").write_bytes(b"a photograph")

    def stored() -> list[str]:
        return [it["Key"] for it in s3.list_objects_v2(Bucket="results").get("Contents", ())]

    def handle(_seconds: float) -> None:
        assert s3.get_object(Bucket="photos", Key="coffee.jpg")["Body"].read() == b"a photograph"
        for key in stored():
            s3.delete_object(Bucket="results", Key=key)

    # A fake: the event is handled when the demo waits.
    monkeypatch.setattr(demo_delivery, "time", SimpleNamespace(sleep=handle, monotonic=count().__next__))
    _Viewer(endpoints=emulator.endpoints, delivery=delivery).put_first(tmp_path / "photo.jpg")
    assert stored() == []


def test_the_part_says_what_it_does_before_it_starts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def deploy(*_: object, **__: object) -> None:
        raise UserError("not deployed")

    monkeypatch.setattr(demo_delivery, "deploy_app", deploy)
    with pytest.raises(UserError, match="not deployed"):
        demo_delivery.deliver_samples(
            Cli(program="cdk", search_path=""),
            endpoints=Endpoints(url="https://localhost:1", ca_bundle=tmp_path / "ca.pem"),
            samples=Samples(**{it.name: tmp_path for it in fields(Samples)}),
            output=tmp_path / "delivered",
            folder=tmp_path / "delivery",
            console=make_console(),
            step=lambda _: nullcontext(lambda _: None),
        )
    (line,) = capsys.readouterr().out.splitlines()
    assert line.startswith("Second part, up to a minute: deploys examples/delivery/app.py")


def test_the_demo_in_another_app_names_what_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "cdk.json").write_text('{"app": "python3 app.py"}')
    monkeypatch.chdir(tmp_path)
    assert demo.main([]) == 2
    assert "there is no examples/delivery/app.py" in capsys.readouterr().err
