from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safelight_local.web_pages.html_tags import SrcsetCandidate, find_image_tags, parse_srcset

NAMES = st.sampled_from(["src", "srcset", "ALT", "data-x", "@click", "width"])
SPACES = st.sampled_from([" ", "\n", "\t ", "\r\n"])
VALUES = st.one_of(
    st.text("ab <>'&;,é/=\n").map(lambda text: f'"{text}"'),
    st.text('ab <>"&;,é/=\n').map(lambda text: f"'{text}'"),
    st.text("ab&;,é.:-", min_size=1),
)
# `=a` after a name is its value.
ATTRIBUTES = st.one_of(
    st.builds("{}={}".format, NAMES, VALUES), st.builds("{} =\n{}".format, NAMES, VALUES), NAMES, st.just("=a")
)


class _Reference(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[dict[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "img":
            self.found.append({name: value for name, value in reversed(attrs) if value is not None})


@given(st.lists(st.tuples(SPACES, ATTRIBUTES)), st.text("a\n<é&"))
def test_attributes_are_those_that_the_standard_library_s_parser_finds(
    attributes: list[tuple[str, str]], before: str
) -> None:
    text = f"{before}<p>\n<IMG{''.join(space + attribute for space, attribute in attributes)} ><b>after</b>"
    reference = _Reference()
    reference.feed(text)
    reference.close()
    tags = find_image_tags(text).tags
    assert [{name: it.value for name, it in tag.attributes.items()} for tag in tags] == reference.found


def test_a_value_is_found_in_the_text_with_its_quotes() -> None:
    text = "é\n\r\n<div>\n  <img alt=x src='a &amp; b.jpg'>"
    (tag,) = find_image_tags(text).tags
    source = tag.attributes["src"]
    assert source.value == "a & b.jpg"
    assert text[source.start : source.end] == "'a &amp; b.jpg'"


@pytest.mark.parametrize(
    "text",
    [
        "<!-- <img src=a> -->",
        "<script>'<img src=a>'</script>",
        "<style><img src=a></style>",
        "&lt;img src=a&gt;",
        "<source src=a>",
        "<picture></picture><source srcset=a>",
        "<image src=a>",
    ],
)
def test_what_is_no_tag_of_an_image_is_not_found(text: str) -> None:
    assert find_image_tags(text).tags == ()


def test_a_source_of_a_picture_is_found() -> None:
    assert [it.name for it in find_image_tags("<picture><source srcset=a><img src=b></picture>").tags] == [
        "source",
        "img",
    ]


def test_the_first_base_is_found() -> None:
    assert find_image_tags("<base target=x><base href=/b/><base href=/c/>").base == "/b/"


@pytest.mark.parametrize(
    ("value", "candidates"),
    [
        ("", []),
        ("a.jpg", [("a.jpg", "")]),
        ("a.jpg 1x, b.jpg 2x", [("a.jpg", "1x"), ("b.jpg", "2x")]),
        ("a.jpg 320w,\n b.jpg\t640w ,", [("a.jpg", "320w"), ("b.jpg", "640w")]),
        ("a.jpg, b.jpg", [("a.jpg", ""), ("b.jpg", "")]),
        ("a,b.jpg 1x", [("a,b.jpg", "1x")]),
        ("data:image/png;base64,AA== 1x, b.jpg 2x", [("data:image/png;base64,AA==", "1x"), ("b.jpg", "2x")]),
    ],
)
def test_a_srcset_is_split_as_browsers_do(value: str, candidates: list[tuple[str, str]]) -> None:
    assert parse_srcset(value) == [SrcsetCandidate(url=url, descriptor=text) for url, text in candidates]
