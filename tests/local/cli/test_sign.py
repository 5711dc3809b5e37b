import json
from contextlib import nullcontext
from pathlib import Path
from types import SimpleNamespace

import pytest
from tests.local.deliveries import FIRST_KEY, Stage, deploy_delivery

from safelight_contracts.delivery.request_urls import split_url
from safelight_contracts.delivery.signatures import is_signed
from safelight_local.cli import _deliveries, main
from safelight_local.emulator.process import Emulator

SECRET = "b" * 43
AWS = "https://d1abc.cloudfront.net"


@pytest.fixture
def offline(tmp_path: Path) -> list[str]:
    file = tmp_path / "keys.json"
    file.write_text(json.dumps({"1": FIRST_KEY, "2": SECRET}))
    return ["--secret-file", str(file), "--scope", "Site.Cdn"]


@pytest.fixture(scope="module")
def stage(emulator: Emulator) -> Stage:
    deploy_delivery(emulator.endpoints, stack="Local", url=AWS)
    return deploy_delivery(emulator.endpoints)


def signed_with(printed: str) -> str:
    """Check a printed signature, and return the id of its key."""
    path, _, query = printed.removeprefix("https://images.example.com").partition("?")
    url = split_url(path, query)
    assert is_signed(url, scope="Site.Cdn", secret={"1": FIRST_KEY, "2": SECRET}[url.key_id or ""])
    return url.key_id or ""


def test_the_newest_key_signs(offline: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sign", "https://images.example.com/a.jpg?width=640", *offline]) == 0
    printed = capsys.readouterr().out.strip()
    assert printed.startswith("https://images.example.com/a.jpg?kid=2&width=640&signature=")
    assert signed_with(printed) == "2"


def test_a_key_is_chosen(offline: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sign", "/a.jpg?width=640", "--key", "1", *offline]) == 0
    assert signed_with(capsys.readouterr().out.strip()) == "1"


def test_a_path_is_signed_as_a_path(offline: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sign", "/unsafe/300x200/a.jpg", *offline]) == 0
    printed = capsys.readouterr().out.strip()
    assert printed.endswith("/300x200/a.jpg?kid=2")
    assert signed_with(printed) == "2"


@pytest.mark.parametrize("url", ["https://images.example.com/a.jpg?v=1&width=640", "/unsafe/300x200/a.jpg"])
def test_the_signature_of_a_signed_url_is_replaced(
    url: str, offline: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    main(["sign", url, "--key", "1", "--expires", "2100-01-31", *offline])
    signed = capsys.readouterr().out.strip()
    assert main(["sign", signed, *offline]) == 0
    shown = capsys.readouterr()
    assert shown.err == "warning: the URL is signed already: its signature, kid and expires are replaced\n"
    main(["sign", url, *offline])
    assert capsys.readouterr().out == shown.out


def test_an_expiry_in_an_unsigned_url_stays(offline: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sign", "/a.jpg?expires=4105036800", *offline]) == 0
    shown = capsys.readouterr()
    assert ("expires=4105036800" in shown.out, shown.err) == (True, "")


def test_keys_of_the_environment_sign(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("SAFELIGHT_SIGNING_KEYS", json.dumps({"2": SECRET}))
    assert main(["sign", "/a.jpg", "--scope", "Site.Cdn"]) == 0
    assert signed_with(capsys.readouterr().out.strip()) == "2"


def test_the_secret_of_the_deployed_delivery_signs(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(_deliveries, "running", lambda _: nullcontext(SimpleNamespace(endpoints=stage.endpoints)))
    assert main(["sign", "/a.jpg?width=640", "--expires", "2100-01-31", "--delivery", "Site/Cdn"]) == 0
    printed = capsys.readouterr().out.strip()
    assert "expires=4105036800" in printed
    assert signed_with(printed) == "1"


@pytest.mark.parametrize("url", ["https://images.example.com/a.jpg", "HTTPS://Images.Example.com/a.jpg?width=640"])
def test_the_host_of_the_url_chooses_one_of_several_deliveries(
    url: str, stage: Stage, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(_deliveries, "running", lambda _: nullcontext(SimpleNamespace(endpoints=stage.endpoints)))
    assert main(["sign", url]) == 0
    assert capsys.readouterr().out.startswith(f"{url.partition('?')[0]}?kid=1")


@pytest.mark.parametrize("url", ["/a.jpg", "https://other.example.com/a.jpg"])
def test_a_url_of_no_delivery_does_not_choose_one_of_several(
    url: str, stage: Stage, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(_deliveries, "running", lambda _: nullcontext(SimpleNamespace(endpoints=stage.endpoints)))
    assert main(["sign", url]) == 2
    assert "choose with --delivery one of Local/Cdn, Site/Cdn" in capsys.readouterr().err


def test_it_is_said_what_the_delivery_will_refuse(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(_deliveries, "running", lambda _: nullcontext(SimpleNamespace(endpoints=stage.endpoints)))
    assert main(["sign", "/a.jpg?preset=huge", "--delivery", "Site/Cdn"]) == 0
    assert capsys.readouterr().err.splitlines() == [
        "warning: the delivery has no preset 'huge': it has card",
        "warning: the edge does not know the key 1 yet: run `safelight keys sync`",
    ]


def test_another_host_than_that_of_the_delivery_is_told(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(_deliveries, "running", lambda _: nullcontext(SimpleNamespace(endpoints=stage.endpoints)))
    assert main(["sign", "https://other.example.com/a.jpg?width=640", "--delivery", "Site/Cdn"]) == 0
    assert capsys.readouterr().err.splitlines()[0] == (
        "warning: https://other.example.com is not the address of the delivery: that is https://images.example.com"
    )


def test_a_url_that_only_aws_will_answer_is_told(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(_deliveries, "running", lambda _: nullcontext(SimpleNamespace(endpoints=stage.endpoints)))
    local = stage.endpoints.viewer_url(AWS)
    for url, is_told in ((f"{AWS}/a.jpg", True), (f"{local}/a.jpg", False), ("/a.jpg", False)):
        assert main(["sign", url, "--delivery", "Local/Cdn"]) == 0
        told = f"warning: {AWS} does not answer before you deploy to AWS: on this machine, it is {local}\n"
        assert (told in capsys.readouterr().err) == is_told


def test_a_delivery_of_an_account_is_found(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in stage.endpoints.variables().items():
        monkeypatch.setenv(name, value)
    assert main(["sign", "/a.jpg", "--region", "us-east-1", "--stack", "Site"]) == 0
    assert signed_with(capsys.readouterr().out.strip()) == "1"


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("a.jpg", "give https://HOST/PATH or /PATH"),
        ("/a.jpg#b", "write %23"),
        ("/a%zz.jpg", "BAD_ENCODING: Encode the URL"),
        ("/a.jpg?width=1&width=2", "REPEATED_PARAMETER (width): Send each parameter once"),
        ("/a.jpg?expires=soon", "BAD_PARAMETER (expires)"),
        (f"/unsafe/a.jpg?signature={'x' * 43}", "CONTRADICTION (signature): The URL has a signature twice"),
    ],
)
def test_a_malformed_url_is_reported_with_its_parameter(
    url: str, says: str, offline: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["sign", url, *offline]) == 2
    error = capsys.readouterr().err
    assert says in error
    assert len(error.splitlines()) == 1


@pytest.mark.parametrize("content", ["{", "[]", '{"1": 2}', "{}", f'{{"1": "{SECRET[:31]}"}}', "\udcff"])
def test_a_damaged_file_of_keys_is_reported_without_its_content(
    content: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "keys.json").write_text(content, errors="surrogateescape")
    assert main(["sign", "/a.jpg", "--secret-file", str(tmp_path / "keys.json"), "--scope", "S"]) == 2
    error = capsys.readouterr().err
    assert str(tmp_path / "keys.json") in error
    assert SECRET[:8] not in error


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--expires", "yesterday"], "'yesterday' is neither a duration such as 12h nor a date such as 2026-01-31"),
        (["--expires", "2020-01-31"], "'2020-01-31' is in the past"),
        (["--key", "3"], "there is no key 3: the keys are 1, 2"),
    ],
)
def test_a_wrong_option_is_reported(
    options: list[str], says: str, offline: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["sign", "/a.jpg", *options, *offline]) == 2
    assert says in capsys.readouterr().err


@pytest.mark.parametrize(
    ("options", "says"), [(["--scope", "S"], "set SAFELIGHT_SIGNING_KEYS"), (["--secret-file", "k"], "needs --scope")]
)
def test_what_is_missing_offline_is_reported(
    options: list[str], says: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("SAFELIGHT_SIGNING_KEYS", raising=False)
    assert main(["sign", "/a.jpg", *options]) == 2
    assert says in capsys.readouterr().err


def test_a_file_of_keys_that_is_missing_is_named_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "nope.json"
    assert main(["sign", "/a.jpg", "--secret-file", str(file), "--scope", "S"]) == 2
    assert capsys.readouterr().err == f"safelight: cannot read {file} (No such file or directory)\n"
