import json
from collections.abc import Callable
from contextlib import nullcontext
from datetime import UTC, datetime
from importlib.util import find_spec
from itertools import count
from types import SimpleNamespace
from typing import Any

import pytest
from tests.local.deliveries import FIRST_KEY, Stage, deploy_delivery

from safelight_local.aws.signing_keys import write_keys
from safelight_local.cli import _deliveries, main
from safelight_local.cli import keys as keys_command
from safelight_local.emulator.process import Emulator

_NUMBERS = count()


@pytest.fixture
def stage(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> Stage:
    """A stack of its own."""
    name = f"Site{next(_NUMBERS)}"
    made = deploy_delivery(emulator.endpoints, stack=name)
    monkeypatch.setattr(_deliveries, "running", lambda _: nullcontext(SimpleNamespace(endpoints=emulator.endpoints)))
    monkeypatch.setattr(_deliveries, "choose_delivery", lambda found, **_: next(it for it in found if it.stack == name))
    return made


@pytest.fixture
def keys(stage: Stage, capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    """Run the command, check that it prints no key, and return its output."""

    def run(*arguments: str, code: int = 0) -> str:
        assert main(["keys", *arguments]) == code
        written = capsys.readouterr()
        assert not [text for text in (stage.keys | stage.at_edge).values() if text in written.out + written.err]
        return written.out + written.err

    return run


def change_before_the_write(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Have another process add a key before the command writes the secret. Returns the keys that it writes."""
    theirs = stage.keys | {"theirs": "t" * 43}

    def meanwhile(*given: Any, **named: Any) -> None:
        stage.endpoints.secretsmanager.put_secret_value(SecretId=stage.secret, SecretString=json.dumps(theirs))
        write_keys(*given, **named)

    monkeypatch.setattr(keys_command, "write_keys", meanwhile)
    return theirs


def test_sync_copies_the_keys_of_the_secret_to_the_edge(stage: Stage, keys: Callable[..., str]) -> None:
    assert stage.at_edge == {}
    assert keys("sync") == "Copied 1\n"
    assert stage.at_edge == {"1": FIRST_KEY}
    assert keys("sync") == "Nothing to change: 1\n"


def test_sync_removes_what_the_secret_does_not_have(stage: Stage, keys: Callable[..., str]) -> None:
    version = stage.endpoints.key_values.describe_key_value_store(KvsARN=stage.store)["ETag"]
    stage.endpoints.key_values.put_key(KvsARN=stage.store, IfMatch=version, Key="old", Value="text")
    keys("sync")
    assert stage.at_edge == {"1": FIRST_KEY}


def test_list_says_what_is_only_in_one_place(keys: Callable[..., str]) -> None:
    assert keys("list") == "1: not at the edge: run `safelight keys sync`\n"
    keys("sync")
    assert keys("list") == "1\n"


def test_an_added_key_is_random_and_in_both_places(stage: Stage, keys: Callable[..., str]) -> None:
    assert keys("add", "--id", "next") == "Added the key next. The others stay valid.\n"
    assert list(stage.keys) == ["1", "next"]
    assert stage.at_edge == stage.keys
    assert len(stage.keys["next"]) == 43


def test_the_default_id_is_the_date(stage: Stage, keys: Callable[..., str]) -> None:
    before = datetime.now(tz=UTC).date().isoformat()
    keys("add")
    keys("add")
    _, second, third = stage.keys
    assert before <= second < third


def test_a_key_is_not_replaced(stage: Stage, keys: Callable[..., str]) -> None:
    assert "there is a key 1 already" in keys("add", "--id", "1", code=2)
    assert stage.keys == {"1": FIRST_KEY}


@pytest.mark.parametrize("arguments", [["add", "--id", "mine"], ["add", "--id", "theirs"], ["remove", "1", "--yes"]])
def test_a_change_by_another_process_at_the_same_time_is_not_lost(
    arguments: list[str], stage: Stage, keys: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    keys("add", "--id", "2")
    theirs = change_before_the_write(stage, monkeypatch)
    assert "another process changed the keys of Cdn at the same time: nothing was changed" in keys(*arguments, code=2)
    assert stage.keys == theirs


def test_an_added_key_of_another_process_is_at_the_edge_too(
    stage: Stage, keys: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    theirs = change_before_the_write(stage, monkeypatch)
    keys("add", "--id", "theirs", code=2)
    assert stage.at_edge == theirs


@pytest.mark.parametrize("key_id", ["", "a b", "x" * 33])
def test_an_id_that_no_url_can_have_is_rejected(key_id: str, keys: Callable[..., str]) -> None:
    assert "use 1 to 32 letters, digits, - and _" in keys("add", "--id", key_id, code=2)


def test_a_key_is_removed_after_a_warning(stage: Stage, keys: Callable[..., str]) -> None:
    keys("add", "--id", "2")
    assert "every URL that 1 signed would stop working: remove it with --yes" in keys("remove", "1", code=2)
    assert list(stage.keys) == ["1", "2"]
    keys("remove", "1", "--yes")
    assert list(stage.keys) == ["2"]
    assert stage.at_edge == stage.keys


def test_the_only_key_is_not_removed(stage: Stage, keys: Callable[..., str]) -> None:
    assert "1 is the only key" in keys("remove", "1", "--yes", code=2)
    assert stage.keys == {"1": FIRST_KEY}


def test_an_unknown_key_is_not_removed(keys: Callable[..., str]) -> None:
    assert "there is no key 2: the keys are 1" in keys("remove", "2", "--yes", code=2)


@pytest.mark.skipif(find_spec("awscrt") is not None, reason="awscrt is installed")
def test_a_missing_package_for_signatures_of_aws_is_named(
    stage: Stage, keys: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in stage.endpoints.variables().items():
        monkeypatch.setenv(name, value)
    assert "run `pip install 'botocore[crt]'`" in keys("sync", "--region", "us-east-1", code=2)
