"""What viewers and origins get from the edge functions."""

import json
import re
from dataclasses import replace

import pytest
from tests.unit.delivery.edges import (
    Delivery,
    Forwarded,
    Refused,
    Request,
    answer_at_the_edge,
    at_the_edge,
    run,
)

from safelight.delivery.edge import edge_code
from safelight_contracts.delivery.refusals import Refusal, RequestRefusedError
from safelight_contracts.delivery.request_urls import MAX_URL, split_url
from safelight_contracts.delivery.settings import ACCEPTS_HEADER, URL_HEADER, Signing
from safelight_contracts.delivery.signatures import sign_url

DELIVERY = Delivery()
KEY_ID, SECRET = next(iter(DELIVERY.keys.items()))


def signed(path: str, query: str = "", *, expires: int | None = None) -> Request:
    url = sign_url(path, query, scope=DELIVERY.scope, key_id=KEY_ID, secret=SECRET, expires=expires)
    path, _, query = url.partition("?")
    return Request(path=path, query=query)


def test_a_request_is_sent_to_the_key_of_its_result_without_its_query() -> None:
    answer = answer_at_the_edge(Request(path="/a.jpg", query="width=300"), DELIVERY)
    assert re.fullmatch(r"/r1/[0-9a-f]{32}/live/[0-9a-f]{32}", answer["uri"])
    assert answer["querystring"] == {}


def test_headers_for_the_maker_are_not_the_viewers() -> None:
    request = Request(path="/a.jpg", headers={URL_HEADER: "/b.jpg?", ACCEPTS_HEADER: "avif"})
    headers = answer_at_the_edge(request, DELIVERY)["headers"]
    assert headers == {URL_HEADER: {"value": "/a.jpg?"}, ACCEPTS_HEADER: {"value": "plain"}}


def test_conditions_by_which_s3_would_answer_an_error_of_its_own_are_not_sent_to_it() -> None:
    kept = {"if-none-match": '"1"', "if-modified-since": "Sat, 28 Nov 2026 18:00:00 GMT", "origin": "https://a.example"}
    dropped = {"if-match": '"1"', "if-unmodified-since": kept["if-modified-since"], "range": "bytes=99999999-"}
    headers = answer_at_the_edge(Request(path="/a.jpg", headers=kept | dropped), DELIVERY)["headers"]
    assert set(headers) == {URL_HEADER, ACCEPTS_HEADER, *kept}


def test_the_longest_url_leaves_room_for_other_headers_of_a_request_to_s3() -> None:
    longest = "a=" + "b" * (MAX_URL - len("/a.jpg?a="))
    headers = answer_at_the_edge(Request(path="/a.jpg", query=longest), DELIVERY)["headers"]
    # S3 takes 8,192 bytes. CloudFront adds a signature, a token, and its own headers.
    assert len(headers[URL_HEADER]["value"]) == MAX_URL <= 8192 - 1500
    refused = at_the_edge(Request(path="/a.jpg", query=f"{longest}b"), DELIVERY)
    assert isinstance(refused, Refused)
    assert refused.refusal is Refusal.URL_TOO_LONG


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "get", "constructor"])
def test_another_method_than_get_and_head_is_refused(method: str) -> None:
    answer = answer_at_the_edge(Request(path="/a.jpg", method=method), DELIVERY)
    assert answer["statusCode"] == Refusal.METHOD_NOT_ALLOWED.status
    assert answer["headers"]["allow"]["value"] == "GET, HEAD, OPTIONS"


@pytest.mark.parametrize("path", ["/a.jpg", "/..", "/%zz"])
def test_a_preflight_is_answered_for_every_path_without_a_look_at_it(path: str) -> None:
    answer = answer_at_the_edge(Request(path=path, method="OPTIONS"), DELIVERY)
    assert answer["statusCode"] == 204
    # GET and HEAD need no permission: "CORS-preflight fetch" in the Fetch standard.
    assert {name: header["value"] for name, header in answer["headers"].items()} == {
        "access-control-allow-origin": "*",
        "access-control-allow-headers": "*",
        "access-control-max-age": "86400",
    }


def test_head_is_get() -> None:
    request = Request(path="/a.jpg", query="width=300")
    assert at_the_edge(replace(request, method="HEAD"), DELIVERY) == at_the_edge(request, DELIVERY)


def test_a_refusal_is_json_that_names_the_parameter_and_the_request() -> None:
    answer = answer_at_the_edge(Request(path="/a.jpg", query="v=a%20b"), DELIVERY)
    assert answer["statusCode"] == 400
    assert answer["headers"]["content-type"]["value"] == "application/json"
    body = json.loads(answer["body"]["data"])
    assert body.pop("message")
    assert body == {"error": "BAD_PARAMETER", "parameter": "v", "requestId": "a request"}


def test_the_refusal_of_a_path_without_a_key_says_what_to_send() -> None:
    answer = answer_at_the_edge(Request(path="/"), DELIVERY)
    assert json.loads(answer["body"]["data"])["message"].startswith("Send /KEY")
    with pytest.raises(RequestRefusedError, match=r"^Send /KEY"):
        split_url("/", "")


def test_a_refusal_names_no_bucket_and_no_key() -> None:
    request = Request(path="/s3:secret-bucket/secret-key/../a.jpg")
    body = answer_at_the_edge(request, DELIVERY)["body"]["data"]
    assert "secret" not in body
    assert DELIVERY.bucket not in body


def test_a_fault_of_the_function_is_an_answer_of_its_own() -> None:
    event = Request(path="/a.jpg").event
    del event["request"]["querystring"]
    (answer,) = run(DELIVERY.code, [event], keys={})["answers"]
    assert answer["statusCode"] == 500
    assert answer["headers"]["cache-control"]["value"] == "no-store"
    assert json.loads(answer["body"]["data"])["error"] == "INTERNAL"


def test_an_expired_url_is_refused_also_for_a_stored_result() -> None:
    answer = at_the_edge(signed("/a.jpg", expires=1), DELIVERY)
    assert isinstance(answer, Refused)
    assert answer.refusal is Refusal.EXPIRED


def test_a_url_is_valid_until_it_expires() -> None:
    assert isinstance(at_the_edge(signed("/a.jpg", expires=4_102_444_800), DELIVERY), Forwarded)


def test_a_signature_that_begins_like_a_document_is_right() -> None:
    # Found by trying: one in 52,000 does.
    request = signed("/unsafe/300x200/photo", expires=4_102_495_799)
    assert request.path.startswith("/ew0")
    assert isinstance(at_the_edge(request, DELIVERY), Forwarded)


def test_a_key_that_is_not_in_the_key_value_store_is_refused() -> None:
    answer = at_the_edge(signed("/a.jpg"), replace(DELIVERY, keys={"another": SECRET}))
    assert isinstance(answer, Refused)
    assert answer.refusal is Refusal.BAD_SIGNATURE


def test_no_signature_is_right_where_signing_is_off() -> None:
    answer = at_the_edge(signed("/a.jpg"), replace(DELIVERY, signing=Signing.OFF))
    assert isinstance(answer, Refused)
    assert answer.refusal is Refusal.BAD_SIGNATURE


def test_an_unsigned_request_never_gets_a_signed_result() -> None:
    unsigned = Request(path="/unsafe/300x200/a.jpg")
    with_signature = at_the_edge(signed(unsigned.path), DELIVERY)
    with_expiry = at_the_edge(signed(unsigned.path, expires=4_102_444_800), DELIVERY)
    answers = [at_the_edge(unsigned, DELIVERY), with_signature, with_expiry]
    assert len({answer.path for answer in answers if isinstance(answer, Forwarded)}) == 3


def test_the_function_with_its_settings_is_within_cloudfronts_10_kb() -> None:
    presets = frozenset(f"preset-{number}" for number in range(20))
    delivery = Delivery(scope="s" * 40, bucket="b" * 63, presets_with_type=presets)
    assert len(delivery.code.encode()) <= 10_240


@pytest.mark.parametrize("file", ["edge.js", "answer.js"])
def test_the_functions_use_no_syntax_that_the_runtime_lacks(file: str) -> None:
    # "JavaScript runtime 2.0 features for CloudFront Functions": no spread, no optional chaining, no classes, ...
    code = re.sub(r"'[^'\n]*'", "''", edge_code(file))
    assert not re.search(r"\.\.\.|\?\.|\?\?|\bclass\b|\bof\b|(?:const|let) [\[{]|\bfunction\*|\(\?<[=!]", code)


@pytest.mark.parametrize(
    ("given", "sent"),
    [(None, "Accept"), ("Origin", "Origin, Accept"), ("Accept", "Accept"), ("accept, Origin", "accept, Origin")],
)
def test_stored_results_say_that_they_differ_by_accept(given: str | None, sent: str) -> None:
    event = {"response": {"statusCode": 200, "headers": {} if given is None else {"vary": {"value": given}}}}
    (answer,) = run(edge_code("answer.js"), [event], keys={})["answers"]
    assert answer["headers"]["vary"]["value"] == sent


def test_accept_encoding_is_not_accept() -> None:
    event = {"response": {"headers": {"vary": {"value": "Accept-Encoding"}}}}
    (answer,) = run(edge_code("answer.js"), [event], keys={})["answers"]
    assert answer["headers"]["vary"]["value"] == "Accept-Encoding, Accept"
