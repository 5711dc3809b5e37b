"""JSON documents in URLs."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safelight_contracts.delivery.documents import canonical_json, parse_document
from safelight_contracts.delivery.refusals import Refusal, RequestRefusedError


def in_base64(text: str | bytes) -> str:
    return base64.b64encode(text.encode() if isinstance(text, str) else text).decode()


@pytest.mark.parametrize("written", ["{}==", "{}", "{}="])
def test_base64_can_be_padded_or_not(written: str) -> None:
    assert parse_document(written.format(in_base64('{"a":10}').rstrip("="))) == {"a": 10}


def test_base64_can_be_url_safe() -> None:
    text = '{"a":"??>>~~ÿ"}'
    standard = in_base64(text)
    assert standard != standard.translate(str.maketrans("+/", "-_"))
    assert parse_document(standard.translate(str.maketrans("+/", "-_"))) == parse_document(standard)


def test_base64_with_bits_that_it_does_not_use_is_refused() -> None:
    right = in_base64('{"a":10}').rstrip("=")
    wrong = right[:-1] + chr(ord(right[-1]) + 1)
    assert base64.b64decode(f"{wrong}=") == base64.b64decode(f"{right}=")
    with pytest.raises(RequestRefusedError):
        parse_document(wrong)


@pytest.mark.parametrize(
    "text",
    [
        "[]",
        '"a"',
        "1",
        "{",
        '{"a":1}x',
        '{"a":NaN}',
        '{"a":-Infinity}',
        '{"a":1e400}',
        '{"a":1e9}',
        '{"a":0.00001}',
        '{"a":' + "9" * 3000 + "}",
        '{"a":"\\ud83d"}',
        '{"a b":1}',
        '{"a\\n":1}',
        '{"":1}',
        '{"é":1}',
        '{"' + "a" * 65 + '":1}',
        '{"a":' + "[" * 9 + "]" * 9 + "}",
        '{"a":' + "[" * 3000,
        b'{"a":"\xff"}',
        b'{"a":"\xed\xa0\x80"}',
        b'\xef\xbb\xbf{"a":1}',
    ],
)
def test_what_is_no_document_of_a_request_is_refused(text: str | bytes) -> None:
    with pytest.raises(RequestRefusedError) as caught:
        parse_document(in_base64(text))
    assert caught.value.refusal is Refusal.BAD_DOCUMENT


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ('{ "b" : 1 , "a" : [ true , null ] }', '{"a":[true,null],"b":1}'),
        ('{"a":1.0,"b":1e2,"c":-0,"d":0.10}', '{"a":1,"b":100,"c":0,"d":0.1}'),
        ('{"a":"\\u00e9\\/\\ud83d\\ude00"}', '{"a":"é/😀"}'),
        ('{"10":1,"9":2,"A":3,"_":4,"a":5}', '{"10":1,"9":2,"A":3,"_":4,"a":5}'),
        ('{"a":1,"a":2}', '{"a":2}'),
    ],
)
def test_a_document_has_one_canonical_text(text: str, canonical: str) -> None:
    assert canonical_json(parse_document(in_base64(text))) == canonical


@given(value=st.floats(min_value=1e-4, max_value=1e9, exclude_max=True))
def test_numbers_have_no_exponent(value: float) -> None:
    written = canonical_json(value)
    assert "e" not in written
    assert float(written) == value
