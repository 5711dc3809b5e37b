"""The id that tells a workflow's items and events from those of others."""

import pytest
from aws_cdk import App, NestedStack, Stack, Stage
from constructs import Construct
from hypothesis import given
from hypothesis import strategies as st

from safelight.core.workflow_id import workflow_id

STACK_NAMES = st.from_regex(r"[A-Za-z][A-Za-z0-9-]{0,20}", fullmatch=True)
# The package constructs keeps children in a JavaScript object, and refuses an id that every such object has already.
REFUSED_BY_CONSTRUCTS = {
    *("__proto__", "constructor", "hasOwnProperty", "isPrototypeOf", "propertyIsEnumerable", "toLocaleString"),
    *("toString", "valueOf", "__defineGetter__", "__defineSetter__", "__lookupGetter__", "__lookupSetter__"),
}
IDS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=80).filter(
    lambda id: bool(id.strip()) and id not in REFUSED_BY_CONSTRUCTS
)


def nested_in(scope: Construct, *ids: str) -> Construct:
    for id in ids:
        scope = Construct(scope, id)
    return scope


def id_of(stack_name: str, *ids: str) -> str:
    return workflow_id(nested_in(Stack(App(), stack_name), *ids))


def test_it_is_the_name_of_the_stack_and_the_path_there() -> None:
    assert id_of("Photos-Dev", "Uploads", "Workflow") == "Photos-Dev.Uploads.Workflow"


def test_the_name_of_a_stack_counts_and_not_its_path() -> None:
    app = App()
    stage = Stage(app, "Beta")
    assert workflow_id(nested_in(Stack(stage, "Photos", stack_name="Renamed"), "W")) == "Renamed.W"
    assert workflow_id(nested_in(Stack(stage, "Films"), "W")) == "Beta-Films.W"


def test_a_nested_stack_is_part_of_the_path() -> None:
    stack = Stack(App(), "Photos")
    assert workflow_id(nested_in(NestedStack(stack, "Nested"), "W")) == "Photos.Nested.W"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("Photos", "Dev-W"), ("Photos-Dev", "W")),
        (("Photos", "a", "b"), ("Photos", "a-b")),
        (("Photos", "a", "b"), ("Photos", "a.b")),
        (("Photos", "a b"), ("Photos", "a-b")),
        (("Photos", "a#b"), ("Photos", "a-b")),
        (("Photos", "w" * 100), ("Photos", "w" * 101)),
        (("Photos", "é"), ("Photos", "è")),
    ],
)
def test_workflows_of_different_paths_have_different_ids(one: tuple[str, ...], other: tuple[str, ...]) -> None:
    assert id_of(*one) != id_of(*other)


def test_ids_with_invalid_characters_do_not_affect_workflow_ids() -> None:
    stack = Stack(App(), "Photos")
    for id in REFUSED_BY_CONSTRUCTS:
        with pytest.raises(RuntimeError, match="already a Construct with name"):
            Construct(stack, id)


@given(stack=STACK_NAMES, ids=st.lists(IDS, min_size=1, max_size=4))
def test_every_id_fits_a_key_and_an_expression_and_is_stable(stack: str, ids: list[str]) -> None:
    found = id_of(stack, *ids)
    assert found == id_of(stack, *ids)
    assert 0 < len(found) <= 64
    assert set(found) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-")
