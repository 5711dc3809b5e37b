"""The arithmetic of what redaction costs is what the documentation shows."""

import pytest
from bench.cost import ROOT
from bench.redaction import cost

PAGE = (ROOT / "docs" / "explanation" / "cost.md").read_text()


def test_a_large_photograph_is_searched_in_several_pictures_for_each_kind_of_thing() -> None:
    assert (cost.searched(4032, 3024, kinds=1), cost.searched(6000, 4000, kinds=3)) == (1, 9)


def test_the_page_shows_what_the_program_prints(capsys: pytest.CaptureFixture[str]) -> None:
    cost.main()
    rows = [line for line in capsys.readouterr().out.splitlines() if line.startswith("|")]
    assert [row for row in rows if row not in PAGE] == []
