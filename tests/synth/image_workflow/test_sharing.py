"""Which arguments share a workflow among tests, and that what is shared stays as it is."""

from pathlib import Path
from typing import Any

import pytest
from aws_cdk import App, Stack
from tests.synth.image_workflow.sharing import identity_of, lock, once_for_the_same

from safelight import Check, Rendition, Route


@pytest.mark.parametrize(
    "make",
    [
        lambda: {"routes": {"park": Route(checks=[Check.moderation(min_confidence=60)])}},
        lambda: {"renditions": [Rendition(name="a", width=9)]},
        dict,
    ],
)
def test_equal_arguments_share_what_is_built(make: Any) -> None:
    build = once_for_the_same(lambda **_: object())
    assert build(**make()) is build(**make())


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (60, 60.0),
        (1, True),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
        ([1], (1,)),
        (Route(checks=[Check.moderation()]), Route(checks=[Check.no_people()])),
        (Path("own.asl.json"), Path("own.asl.json")),
    ],
    ids=["numbers", "a flag", "order", "sequences", "routes", "a file"],
)
def test_arguments_that_can_give_another_template_share_nothing(one: Any, other: Any) -> None:
    assert identity_of(one) != identity_of(other)


def test_a_result_that_raises_is_not_cached() -> None:
    def refuse(**_: object) -> None:
        raise ValueError("no")

    build = once_for_the_same(refuse)
    for _ in range(2):
        with pytest.raises(ValueError, match="no"):
            build(a=1)


def test_nothing_can_be_added_to_what_is_shared(tmp_path: Path) -> None:
    app = App(outdir=str(tmp_path), builtin_cloud_formation_validation=False)
    stack = Stack(app, "Test")
    lock(app)
    with pytest.raises(RuntimeError, match="Cannot add children"):
        Stack(stack, "Other")
