"""Whatever a client sends, it gets a plan or a refusal, and one meaning has one plan."""

import base64
import json
from contextlib import suppress
from itertools import product
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.deliverykit.asked import SETTINGS, encoded_document, settings_with

from deliverykit.formats import TYPES
from deliverykit.json_form import EDITS
from deliverykit.permissions import check_permitted, check_source
from deliverykit.plans import plan_of
from deliverykit.query_form import FITS
from deliverykit.thumbor_filters import FILTERS
from safelight_contracts.delivery.forms import QUERY_PARAMETERS, Dialect
from safelight_contracts.delivery.operations import ImagePlan
from safelight_contracts.delivery.refusals import RequestRefusedError
from safelight_contracts.delivery.request_urls import split_url
from safelight_contracts.delivery.result_keys import names_type

DIALECTS = {dialect: settings_with(dialect=dialect) for dialect in Dialect}

scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-9, 9000),
    st.floats(-400, 400),
    st.sampled_from(["", "300", "1e3", "-0", "red", "#fff", "auto", "webp", "50p", "-5p", "cover", "٣", "true"]),
    st.text(max_size=8),
)
members = ["width", "height", "fit", "ratio", "background", "left", "top", "sigma", "key", "bucket", "options", "alpha"]
values = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=9), st.dictionaries(st.sampled_from([*members, "__proto__"]), inner, max_size=5)
    ),
    max_leaves=12,
)
documents = st.fixed_dictionaries(
    {"key": st.just("public/photo.jpg")},
    optional={
        "edits": st.one_of(st.dictionaries(st.sampled_from(sorted(EDITS)), values, max_size=6), values),
        "outputFormat": values,
        "effort": values,
        "headers": values,
        "bucket": values,
    },
)
words = st.one_of(
    st.sampled_from(["", "0", "1", "90", "-10", "5p", "3.5", "red", "auto", "center", "none", "true", "webp", "1;2;3"]),
    st.text("0123456789.,-;()xp:/'", max_size=12),
    st.text(max_size=5),
)
calls = st.builds(
    lambda name, arguments: f"{name}({','.join(arguments)})",
    st.sampled_from([*sorted(FILTERS), "noise", ""]),
    st.lists(words, max_size=7),
)
parts = st.one_of(
    st.sampled_from(
        ["trim", "trim:bottom-right:5", "fit-in", "full-fit-in", "smart", "left", "top", "x", "0x0", "-0x-0"]
    ),
    st.from_regex(r"-?[0-9]{0,5}x-?([0-9]{0,5}|orig)", fullmatch=True),
    st.from_regex(r"[0-9]{1,3}x[0-9]{1,3}:[0-9]{1,3}x[0-9]{1,3}", fullmatch=True),
    st.lists(calls, max_size=4).map(lambda some: f"filters:{':'.join(some)}"),
)
paths = st.lists(parts, max_size=6).map(
    lambda some: "/".join(quote(part) for part in ["unsafe", *some, "public", "a.jpg"])
)
pairs = st.dictionaries(st.one_of(st.sampled_from(sorted(QUERY_PARAMETERS)), st.text(max_size=4)), words, max_size=6)
queries = pairs.map(lambda some: "&".join(f"{quote(name)}={quote(value)}" for name, value in some.items()))


def ask(path: str, query: str, *, dialect: Dialect = Dialect.SIH) -> ImagePlan | None:
    """Return the plan of a request that is answered, or nothing if it is refused."""
    settings = DIALECTS[dialect]
    with suppress(RequestRefusedError):
        url = split_url(path, query)
        plan = plan_of(url, settings=settings)
        assert names_type(url, presets_with_type=settings.presets_with_type) is (plan.output.type is not None)
        hash(plan)
        check_source(url, settings=settings)
        check_permitted(plan, url=url, settings=settings)
        return plan
    return None


def parameter_at_fault(path: str, *, dialect: Dialect) -> str | None:
    try:
        plan_of(split_url(path, ""), settings=DIALECTS[dialect])
    except RequestRefusedError as refusal:
        return refusal.parameter
    return None


@given(path=st.text(max_size=60), query=st.text(max_size=60), dialect=st.sampled_from(Dialect))
def test_any_text_gets_a_plan_or_a_refusal(path: str, query: str, dialect: Dialect) -> None:
    ask(path, query, dialect=dialect)


@given(document=documents)
def test_any_document_gets_a_plan_or_a_refusal(document: dict[str, Any]) -> None:
    ask(f"/{encoded_document(document)}", "")


@given(path=paths, dialect=st.sampled_from(Dialect))
def test_any_path_gets_a_plan_or_a_refusal(path: str, dialect: Dialect) -> None:
    ask(f"/{path}", "", dialect=dialect)


@given(query=queries)
def test_any_query_gets_a_plan_or_a_refusal(query: str) -> None:
    ask("/public/a.jpg", query)


@given(path=paths, dialect=st.sampled_from(Dialect))
def test_every_part_that_the_edge_splits_from_the_key_has_a_meaning(path: str, dialect: Dialect) -> None:
    assert parameter_at_fault(f"/{path}", dialect=dialect) != "path"


SIZES = ["300x200", "0300x200", "300x0200", "+300x200", "300.0x200", "-300x200", "640x", "640x0", "640x00", "640xorig"]
TYPE_FILTERS = [
    "format(webp)",
    "format(jpg)",
    "format( webp)",
    "format(WEBP)",
    "strip_icc()",
    "no_upscale()",
    "autojpg()",
]
sized_paths = st.builds(
    lambda before, size, smart, filters: "/".join(
        quote(part) for part in ["unsafe", *before, size, *smart, *filters, "public", "a.jpg"]
    ),
    st.lists(st.sampled_from(["fit-in", "adaptive-fit-in", "trim"]), max_size=2),
    st.sampled_from(SIZES),
    st.lists(st.sampled_from(["smart", "left", "middle"]), max_size=2),
    st.lists(st.lists(st.sampled_from(TYPE_FILTERS), min_size=1, max_size=3).map(":".join), max_size=1).map(
        lambda some: [f"filters:{filters}" for filters in some]
    ),
)
sized_queries = st.builds(
    lambda width, height, more: "&".join([f"width={width}", f"height={height}", *map("=".join, more.items())]),
    st.sampled_from(["300", "0300", "300.0", "%20300", "+300"]),
    st.sampled_from(["200", "0200", "2e2", "-200"]),
    st.dictionaries(
        st.sampled_from(sorted({*QUERY_PARAMETERS, "Format"} - {"width", "height", "preset"})),
        st.sampled_from([*FITS, *TYPES, "auto", "attention", "faces", "0.5,0.5", "0,0", "-0,0", "true", "1", "COVER"]),
        max_size=3,
    ),
)
sized_documents = st.builds(
    lambda edits: {"key": "public/a.jpg", "edits": {**edits, "resize": {"width": 300, "height": 200}}},
    st.dictionaries(st.sampled_from(sorted(EDITS)), values, max_size=2),
)


def every_spelling_of(*sizes: str, query: str) -> set[str]:
    """Return what all permitted URLs of a size ask for, as it is in the keys of their results."""
    types = ["", *(f"filters:format({name})/" for name in TYPES)]
    ways = product(["", "fit-in/"], sizes, ["", "smart/"], types)
    paths = {split_url(f"/unsafe/{''.join(way)}a.jpg", "").operations for way in ways}
    pairs = product(
        [query],
        ["", *(f"fit={name}" for name in FITS)],
        ["", *(f"format={name}" for name in ["auto", *TYPES])],
        ["", "focus=attention"],
    )
    return paths | {split_url("/a.jpg", "&".join(some)).operations for some in pairs}


EVERY_SPELLING = every_spelling_of("300x200/", query="width=300&height=200")
EVERY_SPELLING_WITHOUT_A_HEIGHT = every_spelling_of("640x/", "640x0/", query="width=640")
_MAX_SPELLINGS = 200


def test_a_size_has_few_spellings() -> None:
    assert max(len(EVERY_SPELLING), len(EVERY_SPELLING_WITHOUT_A_HEIGHT)) <= _MAX_SPELLINGS


@given(
    request=st.one_of(
        sized_documents.map(lambda document: (f"/{encoded_document(document)}", "")),
        sized_paths.map(lambda path: (f"/{path}", "")),
        sized_queries.map(lambda query: ("/public/a.jpg", query)),
    ),
    dialect=st.sampled_from(Dialect),
)
def test_nobody_gets_a_size_without_a_signature_in_another_spelling(request: tuple[str, str], dialect: Dialect) -> None:
    """Otherwise anybody could have a permitted size stored countless times."""
    if ask(*request, dialect=dialect) is not None:
        assert split_url(*request).operations in EVERY_SPELLING | EVERY_SPELLING_WITHOUT_A_HEIGHT


def spellings(text: str) -> st.SearchStrategy[str]:
    return st.sampled_from([text, "".join(f"%{byte:02x}" for byte in text.encode())])


@given(data=st.data())
def test_the_order_and_the_encoding_of_parameters_do_not_count(data: st.DataObject) -> None:
    pairs = [("width", "300"), ("height", "200"), ("fit", "cover"), ("focus", "0.5,0.25"), ("format", "webp")]
    expected = plan_of(split_url("/public/a.jpg", "&".join("=".join(pair) for pair in pairs)), settings=SETTINGS)
    shuffled = data.draw(st.permutations(pairs))
    query = "&".join(f"{data.draw(spellings(name))}={data.draw(spellings(value))}" for name, value in shuffled)
    assert plan_of(split_url("/%70ublic/a.jpg", query), settings=SETTINGS) == expected


@given(data=st.data())
def test_the_order_of_edits_and_the_alphabet_of_base64_do_not_count(data: st.DataObject) -> None:
    edits = [("resize", {"width": 300}), ("rotate", 90), ("grayscale", True), ("tint", "red"), ("blur", 2)]
    document = {"key": "public/a?>~.jpg", "edits": dict(edits)}
    expected = plan_of(split_url(f"/{encoded_document(document)}", ""), settings=SETTINGS)
    text = json.dumps({"edits": dict(data.draw(st.permutations(edits))), "key": document["key"]}, indent=1)
    encode = data.draw(st.sampled_from([base64.b64encode, base64.urlsafe_b64encode]))
    assert plan_of(split_url(f"/{encode(text.encode()).decode().rstrip('=')}", ""), settings=SETTINGS) == expected


@given(
    text=st.integers(1, 8192).map(str),
    prefix=st.sampled_from(["0", "+", "%20", "00"]),
    suffix=st.sampled_from([".0", "e0", "%20", "_0"]),
)
def test_a_side_has_one_spelling(text: str, prefix: str, suffix: str) -> None:
    """Otherwise anybody could have a permitted size stored countless times."""
    for spelling in (prefix + text, text + suffix):
        assert ask("/public/a.jpg", f"width={spelling}&height=200") is None
        with pytest.raises(RequestRefusedError):
            plan_of(split_url("/public/a.jpg", f"width={spelling}"), settings=SETTINGS)
