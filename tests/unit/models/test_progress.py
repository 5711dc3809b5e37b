import pytest

from safelight_models.progress import print_progress, read_progress


def test_what_is_printed_is_read_from_the_output(capsys: pytest.CaptureFixture[str]) -> None:
    print_progress("building the layer pillow with pip")
    printed = capsys.readouterr()
    assert printed.out == ""
    assert read_progress(printed.err.rstrip()) == "building the layer pillow with pip"


@pytest.mark.parametrize("line", ["", "INFO fetching it", "2026-11-28 Safelight: fetching it"])
def test_any_other_line_is_no_progress(line: str) -> None:
    assert read_progress(line) is None
