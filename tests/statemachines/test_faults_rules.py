"""Which calls meet a fault."""

import pytest
from tools.fault_lab.launcher import parse_call
from tools.fault_lab.rules import Call, Fault, Rule, RuleBook, parse_rule

RULE = Rule(fault=Fault.THROTTLED, caller="Render", operation="s3:PutObject", contains=("p1/",), after=1, times=2)
CALL = Call(caller="Faulty-KeepingRender1234", operation="s3:PutObject", text="/published/p1/a.jpg/tile.jpg")


def book(rule: Rule) -> RuleBook:
    rules = RuleBook()
    rules.put("one", rule)
    return rules


def test_a_rule_lets_calls_pass_first_and_afterwards() -> None:
    rules = book(RULE)
    assert [rules.take(CALL) is not None for _ in range(5)] == [False, True, True, False, False]
    assert rules.met() == {"one": 2}


def test_a_rule_is_for_one_caller_one_operation_and_one_upload() -> None:
    rules = book(Rule(fault=Fault.DENIED, caller="Render", operation="s3:PutObject", contains=("p1/", "tile")))
    others = [
        Call(caller="Faulty-KeepingPrepare1234", operation="s3:PutObject", text=CALL.text),
        Call(caller=CALL.caller, operation="s3:GetObject", text=CALL.text),
        Call(caller=CALL.caller, operation="s3:PutObject", text="/published/p2/a.jpg/tile.jpg"),
    ]
    assert [rules.take(call) for call in others] == [None, None, None]
    assert rules.take(CALL) is not None


def test_a_removed_rule_releases_held_calls() -> None:
    rules = book(Rule(fault=Fault.HELD, caller="Render", operation="s3:PutObject", contains=()))
    met = rules.take(CALL)
    assert met is not None
    assert not met.removed.is_set()
    rules.remove("one")
    assert met.removed.is_set()
    assert rules.take(CALL) is None


def test_a_rule_survives_a_round_trip() -> None:
    assert parse_rule(RULE.source()) == RULE


@pytest.mark.parametrize(
    ("operation", "method", "query", "headers", "body"),
    [
        ("s3:GetObject", "GET", {}, {}, b""),
        ("s3:PutObject", "PUT", {}, {}, b"\xff\xd8"),
        ("s3:HeadObject", "HEAD", {}, {}, b""),
        ("s3:CopyObject", "PUT", {}, {"x-amz-copy-source": "bucket/key"}, b""),
        ("s3:DeleteObject", "DELETE", {}, {}, b""),
        ("s3:ListObjectVersions", "GET", {"versions": [""], "prefix": ["p1/a.jpg/"]}, {}, b""),
        ("s3:DeleteObjects", "POST", {"delete": [""]}, {}, b"<Delete><Key>p1/a.jpg/1/tile.jpg</Key></Delete>"),
        ("dynamodb:Query", "POST", {}, {"x-amz-target": "DynamoDB_20120810.Query"}, b'{"TableName": "p1/a.jpg"}'),
        ("states:DescribeExecution", "POST", {}, {"x-amz-target": "AWSStepFunctions.DescribeExecution"}, b"p1/a.jpg"),
    ],
)
def test_a_request_is_recognised_by_its_operation(
    operation: str, method: str, query: dict[str, list[str]], headers: dict[str, str], body: bytes
) -> None:
    path = "/published" if query or headers.get("x-amz-target") else "/published/p1/a.jpg"
    call = parse_call(caller="Sweep", method=method, path=path, query=query, headers=headers, body=body, upload="")
    assert call.operation == operation
    assert "p1/a.jpg" in call.text


def test_a_call_with_the_bytes_of_an_image_is_told_by_the_upload_that_its_caller_handles() -> None:
    call = parse_call(
        caller="Render",
        method="POST",
        path="/",
        query={},
        headers={"x-amz-target": "RekognitionService.DetectFaces"},
        body=b'{"Image": {"Bytes": "/9j/"}}',
        upload="p1/a.jpg",
    )
    assert call.operation == "rekognition:DetectFaces"
    assert "p1/a.jpg" in call.text
