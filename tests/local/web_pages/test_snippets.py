import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safelight_local.errors import UserError
from safelight_local.web_pages.result_sizes import Size
from safelight_local.web_pages.snippets import Art, Candidate, amp_img, img, picture

SMALL = Candidate(url="https://h/a.jpg?v=1&width=320", size=Size(width=320, height=213))
LARGE = Candidate(url="https://h/a.jpg?v=1&width=640", size=Size(width=640, height=427))
TALL = Candidate(url="https://h/a.jpg?preset=tall", size=Size(width=300, height=600))


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


def test_an_img_has_every_size_and_keeps_its_place_on_the_page() -> None:
    assert img([SMALL, LARGE], alt="", sizes=None) == (
        "<img\n"
        '  src="https://h/a.jpg?v=1&amp;width=640"\n'
        '  srcset="https://h/a.jpg?v=1&amp;width=320 320w, https://h/a.jpg?v=1&amp;width=640 640w"\n'
        '  sizes="(max-width: 640px) 100vw, 640px"\n'
        '  width="640"\n'
        '  height="427"\n'
        '  alt=""\n'
        '  loading="lazy"\n'
        '  decoding="async">'
    )


def test_an_img_of_one_size_needs_no_srcset() -> None:
    assert "srcset" not in img([SMALL], alt="", sizes="50vw")


def test_an_amp_img_has_no_attributes_that_amp_refuses() -> None:
    assert amp_img([SMALL, LARGE], alt="A swing", sizes="50vw") == (
        "<amp-img\n"
        '  src="https://h/a.jpg?v=1&amp;width=640"\n'
        '  srcset="https://h/a.jpg?v=1&amp;width=320 320w, https://h/a.jpg?v=1&amp;width=640 640w"\n'
        '  sizes="50vw"\n'
        '  width="640"\n'
        '  height="427"\n'
        '  alt="A swing"\n'
        '  layout="responsive"></amp-img>'
    )


def test_a_picture_has_a_source_for_each_media_query() -> None:
    assert picture([Art(media="(max-width: 600px)", candidate=TALL)], default=LARGE, alt="") == (
        "<picture>\n"
        "  <source\n"
        '    media="(max-width: 600px)"\n'
        '    srcset="https://h/a.jpg?preset=tall"\n'
        '    width="300"\n'
        '    height="600">\n'
        "  <img\n"
        '    src="https://h/a.jpg?v=1&amp;width=640"\n'
        '    width="640"\n'
        '    height="427"\n'
        '    alt=""\n'
        '    loading="lazy"\n'
        '    decoding="async">\n'
        "</picture>"
    )


def test_images_of_different_aspect_ratios_are_not_one_srcset() -> None:
    with pytest.raises(UserError, match="use --picture"):
        img([TALL, LARGE], alt="", sizes=None)


@given(st.text(), st.text())
def test_every_text_is_escaped(alt: str, media: str) -> None:
    parser = _Tags()
    parser.feed(picture([Art(media=media, candidate=TALL)], default=LARGE, alt=alt))
    assert [tag for tag, _ in parser.tags] == ["picture", "source", "img"]
    assert parser.tags[2][1].keys() == {"src", "width", "height", "alt", "loading", "decoding"}


def test_an_image_can_be_shown_at_another_size_than_the_largest() -> None:
    candidates = [Candidate(url=str(it), size=Size(width=it, height=it)) for it in (320, 500, 640)]
    snippet = img(candidates, alt="", sizes=None, shown=candidates[1])
    assert re.findall(r' (src|width|sizes)="([^"]+)"', snippet) == [
        ("src", "500"),
        ("sizes", "(max-width: 500px) 100vw, 500px"),
        ("width", "500"),
    ]
