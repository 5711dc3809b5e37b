"""Keys of images on a website, and the queries that its redirects send."""

import re
from urllib.parse import quote

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from safelight_contracts.delivery.refusals import Refusal, RequestRefusedError
from safelight_contracts.delivery.websites import size_prefix, sized_key, split_resize_query

SIDES = st.integers(1, 9_999)
SIZES = st.one_of(st.tuples(SIDES, SIDES), st.tuples(SIDES, st.none()), st.tuples(st.none(), SIDES))
# Control characters are no part of a key, and half of a surrogate pair is no text.
KEYS = (
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters=[*map(chr, range(32)), "\x7f"]), min_size=1)
    .filter(lambda key: len(key.encode()) < 900)
    .filter(lambda key: not {".", ".."} & set(key.split("/")))
)


@given(size=SIZES, key=KEYS)
@example(size=(320, 200), key="a b+c%2F&key=1x1/ü (1).jpg")
@example(size=(None, 7), key="unsafe/10x10/s3:other/filters:blur(3)/a.jpg")
def test_every_key_comes_back_from_its_query(size: tuple[int | None, int | None], key: str) -> None:
    for safe in ("", "/", "/&=?:@!$'()*,;"):
        assert split_resize_query(f"key={quote(sized_key(size, key), safe=safe)}") == (size, key)


@given(query=st.from_regex(r"key=[0-9]{0,5}x[0-9]{0,5}/[a-z0-9%+&=./]{1,9}", fullmatch=True))
def test_an_image_has_one_key_whatever_the_query(query: str) -> None:
    try:
        size, key = split_resize_query(query)
    except RequestRefusedError:
        return
    assert re.fullmatch(r"([1-9]\d{0,3})?x([1-9]\d{0,3})?/", size_prefix(size))
    assert split_resize_query(f"key={quote(sized_key(size, key))}") == (size, key)


def test_a_plus_sign_is_a_space_as_in_a_path_of_s3() -> None:
    assert split_resize_query("key=1x/a+b%2Bc.jpg") == ((1, None), "a b+c.jpg")


@pytest.mark.parametrize(
    ("query", "refusal"),
    [
        ("", Refusal.BAD_PARAMETER),
        ("kay=1x1/a.jpg", Refusal.BAD_PARAMETER),
        ("key=", Refusal.BAD_PATH),
        ("key=a.jpg", Refusal.BAD_PATH),
        ("key=x/a.jpg", Refusal.BAD_PATH),
        ("key=0x1/a.jpg", Refusal.BAD_PATH),
        ("key=01x1/a.jpg", Refusal.BAD_PATH),
        ("key=-1x1/a.jpg", Refusal.BAD_PATH),
        ("key=10000x1/a.jpg", Refusal.BAD_PATH),
        ("key=/1x1/a.jpg", Refusal.BAD_PATH),
        ("key=1x1/", Refusal.BAD_PATH),
        ("key=1x1/../2x2/a.jpg", Refusal.BAD_PATH),
        ("key=%D9%A1x1/a.jpg", Refusal.BAD_PATH),
        ("key=1x1/a%ff.jpg", Refusal.BAD_ENCODING),
        ("key=1x1/a%0a.jpg", Refusal.BAD_ENCODING),
        ("key=1x1/a%.jpg", Refusal.BAD_ENCODING),
        (f"key=1x1/{'a' * 1_020}", Refusal.BAD_PATH),
    ],
)
def test_anything_else_is_refused(query: str, refusal: Refusal) -> None:
    with pytest.raises(RequestRefusedError) as refused:
        split_resize_query(query)
    assert refused.value.refusal is refusal
