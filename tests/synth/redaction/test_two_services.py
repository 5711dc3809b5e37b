"""No two services of an app have copies under the same keys."""

from typing import Any

import pytest
from aws_cdk import App, Stack, aws_s3

from safelight import Redact, RedactionService, VideoRedaction

SERVICE: Any = RedactionService
VIDEOS: Any = VideoRedaction


@pytest.fixture
def stack() -> Stack:
    return Stack(App(context={"safelight:platform": "local"}), "Test")


def named(stack: Stack, name: str) -> aws_s3.IBucket:
    found = stack.node.try_find_child(name)
    return found if isinstance(found, aws_s3.Bucket) else aws_s3.Bucket(stack, name)


def make(stack: Stack, id: str, *, source: str, **arguments: Any) -> None:
    SERVICE(stack, id, source=named(stack, source), destination=named(stack, "Copies"), **arguments)


@pytest.mark.parametrize(
    ("source", "one", "other"),
    [
        ("Photos", {}, {"redact": Redact(text=True)}),
        ("Others", {}, {}),
        ("Others", {}, {"destination_prefix": "others/"}),
        ("Others", {"destination_prefix": "a/"}, {"source_prefix": "a/b/"}),
        ("Photos", {"source_prefix": "a/"}, {"source_prefix": "a/b/"}),
    ],
    ids=["one source", "two sources", "a prefix", "a prefix of a source", "prefixes of one source"],
)
def test_services_whose_copies_can_have_the_same_keys_are_refused(
    stack: Stack, source: str, one: dict[str, Any], other: dict[str, Any]
) -> None:
    make(stack, "One", source="Photos", **one)
    with pytest.raises(ValueError, match=r"Test/Two and Test/One have the same destination.*prefix"):
        make(stack, "Two", source=source, **other)


@pytest.mark.parametrize(
    ("source", "one", "other"),
    [
        ("Photos", {"destination_prefix": "faces/"}, {"destination_prefix": "texts/", "redact": Redact(text=True)}),
        ("Photos", {"source_prefix": "a/"}, {"source_prefix": "b/"}),
    ],
    ids=["destinations", "sources"],
)
def test_services_of_one_destination_whose_keys_differ_are_made(
    stack: Stack, source: str, one: dict[str, Any], other: dict[str, Any]
) -> None:
    make(stack, "One", source="Photos", **one)
    make(stack, "Two", source=source, **other)


def make_videos(stack: Stack, id: str, *, source: str, **arguments: Any) -> None:
    VIDEOS(stack, id, source=named(stack, source), destination=named(stack, "Copies"), **arguments)


def test_redactions_of_videos_whose_keys_can_be_the_same_are_refused(stack: Stack) -> None:
    make_videos(stack, "One", source="Videos")
    with pytest.raises(ValueError, match=r"Test/Two and Test/One have the same destination"):
        make_videos(stack, "Two", source="Others")


def test_videos_and_photographs_share_a_destination(stack: Stack) -> None:
    make(stack, "Photographs", source="Uploads")
    make_videos(stack, "Videos", source="Uploads")
