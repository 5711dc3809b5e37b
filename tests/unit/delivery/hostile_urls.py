"""Hypothesis strategies of URLs: of each form, damaged, and made to be misread."""

import base64
import json
from urllib.parse import quote

from hypothesis import strategies as st
from tests.unit.delivery.edges import Delivery, Request

from safelight_contracts.delivery.refusals import RequestRefusedError
from safelight_contracts.delivery.signatures import sign_url

INHERITED = ["__proto__", "constructor", "toString", "hasOwnProperty", "valueOf"]
"""Names that every JavaScript object answers to."""

RAW = [
    *("%", "%2", "%zz", "%00", "%0A", "%7F", "%2F", "%2e%2e", "..", ".", "", "%25", "%252F", "+", "%20", "%2B"),
    *("%C0%AF", "%ED%A0%80", "%F4%90%80%80", "%E2%80%A8", "%EF%BB%BF", "%FF", "é", "☃", "(1)", "!*'", "~", "[]", "a;b"),
]
KEYS = ["a.jpg", "photos/a b.jpg", "x-100x100.jpg", "фото.jpg", "no-extension", "a//b", "/a", "a+b&c=d?.jpg", "s3:b"]
SIGNATURE = "A" * 43

names = st.sampled_from(["width", "height", "preset", "format", "v", "kid", "expires", "a", "a-b", *INHERITED])
values = st.sampled_from(["", "1", "300", "auto", "webp", "card", "card2", "-0", "key-1", "4102444800", "%2B", "a+b"])
pairs = st.lists(st.tuples(names, values), max_size=3, unique_by=lambda pair: pair[0])
damaged_pairs = st.lists(
    st.tuples(names | st.sampled_from([*RAW, "signature"]), values | st.sampled_from([*RAW, SIGNATURE])), max_size=4
)
queries = st.one_of(pairs, pairs, damaged_pairs).map(lambda given: "&".join(f"{name}={value}" for name, value in given))

numbers = (
    st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from(
        [0, -0.0, 1e308, 1e-5, 1e-4, 9.99e-5, 999999999, 999999999.5, 1e9, -1e9, 0.1, 1e21, 5e-324, 2**53]
    )
)
texts = st.text(max_size=6) | st.sampled_from(["\ud800", "\udc00x", "\x00", "\u2028", "\x7f", '"\\', "a\n", *INHERITED])
members = texts | st.sampled_from(["edits", "outputFormat", "webp", "toFormat", "resize", "a", "b\n", "x" * 65])
good_members = st.sampled_from(["resize", "webp", "toFormat", "b", "_", "10", "9", *INHERITED])
json_values = st.recursive(
    st.none() | st.booleans() | numbers | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(members, inner, max_size=3),
    max_leaves=8,
)


def _document(given: dict[str, object], *, ascii_only: bool, indent: int | None) -> str:
    return json.dumps(given, ensure_ascii=ascii_only, indent=indent)


good_values = st.recursive(
    st.none()
    | st.booleans()
    | st.sampled_from([0, -0.0, 1, 0.5, -3, 999999999.5, 1e-4, "a", "é", "\u2028\x7f", "\x00"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(good_members, inner, max_size=2),
    max_leaves=4,
)
good_documents = st.fixed_dictionaries(
    {"key": st.sampled_from(KEYS)},
    optional={
        "bucket": st.sampled_from(["the-source", "another", None]),
        "edits": good_values,
        "outputFormat": good_values,
    },
)
bad_documents = st.fixed_dictionaries(
    {"key": st.sampled_from([*KEYS, "..", "", None, 1, "a\x00", "k" * 1025, "\ud800"])},
    optional={"bucket": st.sampled_from(["A", "", 12345, "abc\n"]), "edits": json_values, "more": json_values},
)
documents = st.builds(
    _document,
    st.one_of(good_documents, good_documents, bad_documents),
    ascii_only=st.booleans(),
    indent=st.sampled_from([None, 1]),
)
json_texts = (
    documents
    | documents
    | st.sampled_from(
        [
            '{"key":"a","key":"b"}',
            '{"key":"a","n":NaN}',
            '{"key":"a","n":1e400}',
            '{"key":"a","n":-0}',
            '{"key":"a","n":0.30000000000000004}',
            '{"key":"a","n":1.0}',
            '{"key":"a","__proto__":{"key":"b"}}',
            '{"__proto__":{"key":"b"}}',
            '{"key":"a","n":"\\ud83d\\ude00"}',
            '{"key":"a","n":"\\ud83d"}',
            '{"key":"a",}',
            '{"key":"a"} ',
            '{"key":"a"}{',
            '{"key":"a","n":' + "[" * 9 + "]" * 9 + "}",
            '{"key":"a","n":' + "[" * 8 + "]" * 8 + "}",
            '{"key":"a","n":' + "[" * 2000 + "]" * 2000 + "}",
            '{"key":"a","n":' + "9" * 4400 + "}",
            '{\n"key":"aaaaaa"}',
            '{"key":"aaaaaaaaaaaaaaaaaaaaaaaa?.jpg"}',
            '{"key":"aaaaaaaaaaaaaaaaaaaaaaaa?.jpg}',
        ]
    )
)


def _path_of_document(text: str, *, url_safe: bool, padded: bool, damage: str) -> str:
    data = text.encode(errors="surrogatepass")
    written = (base64.urlsafe_b64encode if url_safe else base64.b64encode)(data).decode()
    return f"/{written if padded else written.rstrip('=')}{damage}"


json_paths = st.builds(
    _path_of_document,
    json_texts,
    url_safe=st.booleans(),
    padded=st.booleans(),
    damage=st.sampled_from(["", "", "", "", "", "", "", "", "A", "=", "===", "%3D", "/", "B=", "é"]),
)

stages = st.sampled_from(
    [
        *("unsafe", SIGNATURE, "trim", "trim:top-left:10", "1x2:3x4", "fit-in", "adaptive-fit-in", "full-fit-in"),
        *("300x200", "-300x-200", "x", "0x0", "300x", "x200", "origxorig", "-x200", "x-200", "left", "top", "smart"),
        *("filters:blur(2)", "filters:watermark(s3:b", "a.png,1,2)", "filters:format(webp)", "filters:autojpg()"),
        *(
            "filters:\u2028format(a)",
            "filters:",
            "s3:another",
            "s3:A",
            "center",
            "middle",
            "trim:",
            "eyJ" + "A" * 40,
            "ewo" + "_" * 40,
        ),
    ]
)
keys = st.sampled_from([*KEYS, "filters:a", "300x200"]).map(lambda key: quote(key, safe="/"))
plain_paths = keys.map(lambda key: f"/{key}")
thumbor_paths = st.builds(
    lambda parts, key: "/" + "/".join([*(quote(part, safe=":()") for part in parts), key]), st.lists(stages), keys
)
damaged_paths = st.lists(st.sampled_from(RAW) | stages | keys, max_size=5).map(lambda parts: "/" + "/".join(parts))
paths = st.one_of(plain_paths, thumbor_paths, json_paths, damaged_paths)
accepts = st.none() | st.lists(
    st.builds(
        "{}{}".format,
        st.sampled_from(
            ["image/avif", "image/webp", "IMAGE/WEBP", "image/*", "*/*", "image/jpeg", "image/png", "", *INHERITED]
        ),
        st.sampled_from(
            ["", ";q=0", ";q=0.5", "; Q=0.9", ";q=1.000", ";q=1.1", ";q=", ";q=0.", ";a=b;q=0.1", "; q=.5"]
        ),
    )
).map(", ".join)
requests = st.builds(Request, path=paths, query=queries, accept=accepts)


@st.composite
def signed_requests(draw: st.DrawFn, delivery: Delivery) -> Request:
    """Requests with a right signature."""
    path = draw(paths)
    query = draw(st.sampled_from(["", "width=300", "b=1&a-b=2&a=%2B", "v=7&preset=card"]))
    key_id = draw(st.sampled_from(sorted(delivery.keys)))
    expires = draw(st.sampled_from([None, 1, 4_102_444_800]))
    try:
        signed = sign_url(
            path, query, scope=delivery.scope, key_id=key_id, secret=delivery.keys[key_id], expires=expires
        )
    except RequestRefusedError:
        signed = sign_url(
            "/a.jpg", query, scope=delivery.scope, key_id=key_id, secret=delivery.keys[key_id], expires=expires
        )
    path, _, query = signed.partition("?")
    return Request(path=path, query=query, accept=draw(accepts))
