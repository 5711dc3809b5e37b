"""The programs beside ``safelight`` have its help, its messages and its exit codes."""

from collections.abc import Callable, Sequence

import pytest
from tools.fault_lab import __main__ as fault_lab

from safelight_local import cli, demo

each_program = pytest.mark.parametrize("main", [cli.main, demo.main, fault_lab.main], ids=["safelight", "demo", "lab"])


@each_program
@pytest.mark.parametrize("option", ["-h", "--help"])
def test_help_ends_with_examples(
    main: Callable[[Sequence[str]], int], option: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([option]) == 0
    assert "\n  Examples:\n" in capsys.readouterr().out


@each_program
def test_an_unknown_option_is_a_user_error(
    main: Callable[[Sequence[str]], int], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--nope"]) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "error: No such option '--nope'" in shown.err


def test_the_demo_outside_of_an_app_says_what_is_missing(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path_factory.mktemp("empty"))
    assert demo.main([]) == 2
    assert capsys.readouterr().err.startswith("demo: ")
