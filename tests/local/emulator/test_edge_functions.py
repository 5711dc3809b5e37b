"""CloudFront Functions in the emulator: their modules, their key value store, and what passes through them."""

import base64
import hashlib
import hmac
import json
from typing import Any
from urllib.parse import quote

import aws_cdk as cdk
import pytest
from aws_cdk import aws_cloudfront as cloudfront
from aws_cdk import aws_lambda, aws_s3
from botocore.exceptions import ClientError
from tests.local.distributions import Deployed, Distributions, deploy, fetch
from tests.local.emulator_clients import client

from safelight_local.emulator.patches.edge_functions import LARGEST_FUNCTION
from safelight_local.emulator.patches.long_urls import LONGEST_URL
from safelight_local.emulator.process import Emulator

SOURCES = "import-sources"
VIEWER_URL = "x-viewer-url"
# Returns the request.
REPORT = """
function handler(event) {
    return {statusCode: 200, headers: {"made-by": {value: "edge"}}, body: JSON.stringify(event.request)};
}
"""
# Changes the request as a header says.
REWRITE = """
async function handler(event) {
    const changes = JSON.parse(decodeURIComponent(event.request.headers.changes.value));
    Object.keys(changes).forEach((name) => { event.request[name] = changes[name]; });
    event.request.headers["x-viewer-url"] = {value: event.context.eventType};
    return event.request;
}
"""
# Evaluates the expression of a header.
EVALUATE = """
import cf from 'cloudfront';
import crypto from 'crypto';
let runs = 0;
const expressions = {
    digests: () => ["md5", "sha1", "sha256"].map((name) => crypto.createHash(name).update("text").digest("hex")),
    mac: () => crypto.createHmac("sha256", Buffer.from("6b", "hex")).update("text").digest("base64url"),
    unknown_hash: () => crypto.createHash("sha512").update("text").digest("hex"),
    base64: () => [btoa("text"), atob("dGV4dA=="), Buffer.from("dGV4dA", "base64url").toString()],
    runs: () => runs,
    global: () => { undeclared = 1; },
    generated: () => new Function("return 1")(),
    files: () => require("fs"),
    value: () => cf.kvs().get("key"),
    json: () => cf.kvs().get("json", {format: "json"}),
    bytes: () => cf.kvs().get("key", {format: "bytes"}).then((bytes) => bytes.length),
    absent: () => cf.kvs().get("absent"),
    inherited: () => cf.kvs().exists("constructor"),
    exists: () => cf.kvs().exists("key"),
    meta: () => cf.kvs().meta(),
    other_store: () => cf.kvs("other").get("key"),
    of_id: () => cf.kvs(STORE).get("key"),
};
async function handler(event) {
    runs += 1;
    const value = await expressions[event.request.headers.expression.value]();
    return {statusCode: 200, body: JSON.stringify(value === undefined ? null : value)};
}
"""


# AWS accepts it, and fails each run.
DESTRUCTURE = """
function handler(event) {
    const {request} = event;
    return request;
}
"""


class Edges(Distributions):
    """A distribution for each of the functions."""

    def __init__(self, scope: cdk.App, name: str) -> None:
        super().__init__(scope, name)
        source = cloudfront.ImportSource.from_bucket(aws_s3.Bucket.from_bucket_name(self, "Sources", SOURCES), "a.json")
        store = cloudfront.KeyValueStore(self, "Store", source=source)
        self.edge("Report", REPORT)
        self.edge("Rewrite", REWRITE)
        self.edge("Destructure", DESTRUCTURE)
        self.edge("Evaluate", f"const STORE = '{store.key_value_store_id}';{EVALUATE}", key_value_store=store)
        live = self.function.add_alias("live")
        url = live.add_function_url(auth_type=aws_lambda.FunctionUrlAuthType.NONE)
        cdk.CfnOutput(self, "OpenHost", value=cdk.Fn.select(2, cdk.Fn.split("/", url.url)))
        cdk.CfnOutput(self, "StoreArn", value=store.key_value_store_arn)

    def edge(self, name: str, code: str, **settings: Any) -> None:
        function = cloudfront.Function(
            self,
            f"{name}Edge",
            code=cloudfront.FunctionCode.from_inline(code),
            runtime=cloudfront.FunctionRuntime.JS_2_0,
            **settings,
        )
        self.distribution(
            name,
            self.made(),
            cache_policy=cloudfront.CachePolicy(
                self, f"{name}Cache", query_string_behavior=cloudfront.CacheQueryStringBehavior.deny_list("denied")
            ),
            origin_request_policy=cloudfront.OriginRequestPolicy(
                self, f"{name}Request", header_behavior=cloudfront.OriginRequestHeaderBehavior.allow_list(VIEWER_URL)
            ),
            function_associations=[
                cloudfront.FunctionAssociation(
                    function=function, event_type=cloudfront.FunctionEventType.VIEWER_REQUEST
                )
            ],
        )


@pytest.fixture(scope="module")
def deployed(emulator: Emulator) -> Deployed:
    values = [{"key": "key", "value": "välue"}, {"key": "json", "value": '{"a": [1]}'}]
    emulator.endpoints.s3.create_bucket(Bucket=SOURCES)
    emulator.endpoints.s3.put_object(Bucket=SOURCES, Key="a.json", Body=json.dumps({"data": values}).encode())
    app = cdk.App()
    return deploy(emulator.endpoints, app, Edges(app, "edges"))


@pytest.fixture(scope="module")
def values(deployed: Deployed) -> Any:
    return deployed.endpoints.key_values


def evaluate(deployed: Deployed, expression: str) -> Any:
    answer = deployed.fetch("Evaluate", "/", headers={"expression": expression})
    assert answer.status == 200, answer.body
    return answer.json


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("digests", [hashlib.new(name, b"text").hexdigest() for name in ("md5", "sha1", "sha256")]),
        ("mac", base64.urlsafe_b64encode(hmac.digest(b"k", b"text", "sha256")).decode().rstrip("=")),
        ("base64", ["dGV4dA==", "text", "text"]),
        ("value", "välue"),
        ("json", {"a": [1]}),
        ("bytes", len("välue".encode())),
        ("exists", True),
        ("inherited", False),
        ("of_id", "välue"),
    ],
)
def test_a_function_has_the_modules_of_the_runtime(deployed: Deployed, expression: str, value: object) -> None:
    assert evaluate(deployed, expression) == value


@pytest.mark.parametrize("expression", ["unknown_hash", "global", "generated", "files", "absent", "other_store"])
def test_a_function_that_does_what_the_runtime_forbids_is_answered_with_503(
    deployed: Deployed, expression: str
) -> None:
    assert deployed.fetch("Evaluate", "/", headers={"expression": expression}).status == 503


def test_a_function_with_syntax_that_aws_does_not_document_is_answered_with_503(deployed: Deployed) -> None:
    assert deployed.fetch("Destructure", "/").status == 503


def test_global_variables_do_not_last(deployed: Deployed) -> None:
    assert [evaluate(deployed, "runs") for _ in range(3)] == [1, 1, 1]


def test_a_function_reads_the_values_that_the_data_api_has_put(deployed: Deployed, values: Any) -> None:
    store = deployed.outputs["StoreArn"]
    before = values.describe_key_value_store(KvsARN=store)
    assert [it["Key"] for it in values.list_keys(KvsARN=store)["Items"]] == ["json", "key"]
    put = values.put_key(KvsARN=store, Key="key", Value="changed", IfMatch=before["ETag"])
    assert evaluate(deployed, "value") == "changed"
    with pytest.raises(ClientError, match="ConflictException"):
        values.put_key(KvsARN=store, Key="key", Value="lost", IfMatch=before["ETag"])
    values.update_keys(KvsARN=store, Puts=[{"Key": "key", "Value": "välue"}], IfMatch=put["ETag"])
    assert values.get_key(KvsARN=store, Key="key")["Value"] == evaluate(deployed, "value") == "välue"
    assert evaluate(deployed, "meta")["keyCount"] == 2


def test_a_new_store_has_no_values_of_a_deleted_one(deployed: Deployed, values: Any) -> None:
    edge = client(deployed.endpoints, "cloudfront")

    def create(**source: Any) -> Any:
        return edge.create_key_value_store(Name="renewed", **source)

    first = create(ImportSource={"SourceType": "S3", "SourceARN": f"arn:aws:s3:::{SOURCES}/a.json"})
    store = first["KeyValueStore"]["ARN"]
    assert values.describe_key_value_store(KvsARN=store)["ItemCount"] == 2
    edge.delete_key_value_store(Name="renewed", IfMatch=first["ETag"])
    assert create()["KeyValueStore"]["ARN"] == store
    assert values.describe_key_value_store(KvsARN=store)["ItemCount"] == 0


def test_a_function_has_at_most_10_kb(deployed: Deployed) -> None:
    edge = client(deployed.endpoints, "cloudfront")
    code = REPORT.encode().ljust(LARGEST_FUNCTION)
    settings = {"Comment": "", "Runtime": "cloudfront-js-2.0"}
    edge.create_function(Name="largest", FunctionConfig=settings, FunctionCode=code)
    with pytest.raises(ClientError, match="FunctionSizeLimitExceeded"):
        edge.create_function(Name="too-large", FunctionConfig=settings, FunctionCode=code + b" ")


RAW = [
    "/a%2Fb%2Bc+d/%E2%82%AC/%zz",
    "//a//b/../c/./d",
    "/a?b=1+2%2B3&c=%2F&d=&e&b=%E2%82%AC",
    "/a?b=%26c%3D1",
    "/?",
]


@pytest.mark.parametrize("target", RAW)
def test_a_function_gets_the_uri_and_the_parameters_as_the_viewer_sent_them(deployed: Deployed, target: str) -> None:
    request = deployed.fetch("Report", target, headers={"X-Some": "1"}).json
    path, _, query = target.partition("?")
    assert request["uri"] == path
    got = {
        name: [it["value"] for it in field.get("multiValue", [field])] for name, field in request["querystring"].items()
    }
    expected: dict[str, list[str]] = {}
    for pair in query.split("&") if query else []:
        name, _, value = pair.partition("=")
        expected.setdefault(name, []).append(value)
    assert got == expected
    assert request["headers"]["x-some"] == {"value": "1"}


def rewritten(deployed: Deployed, target: str, **changes: Any) -> Any:
    """What the origin gets when the function has changed the request."""
    headers = {"changes": quote(json.dumps(changes)), "cookie": "a=b", "user-agent": "viewer", VIEWER_URL: "forged"}
    return deployed.fetch("Rewrite", target, headers=headers).json


@pytest.mark.parametrize("target", RAW)
def test_the_origin_gets_the_uri_and_the_query_string_as_the_viewer_sent_them(deployed: Deployed, target: str) -> None:
    got = rewritten(deployed, target)
    assert (got["rawPath"], got["rawQueryString"]) == (target.partition("?")[0], target.partition("?")[2])


@pytest.mark.parametrize("target", RAW)
def test_a_function_url_gets_the_path_and_the_query_string_as_they_were_sent(deployed: Deployed, target: str) -> None:
    got = fetch(deployed.endpoints, deployed.outputs["OpenHost"], target).json
    assert (got["rawPath"], got["rawQueryString"]) == (target.partition("?")[0], target.partition("?")[2])


def test_the_origin_gets_the_uri_and_the_parameters_that_the_function_has_set(deployed: Deployed) -> None:
    parameters = {"a": {"value": "%2F+", "multiValue": [{"value": "%2F+"}, {"value": "2"}]}, "denied": {"value": "1"}}
    got = rewritten(deployed, "/a?b=1", uri="/r1/%2Fx", querystring=parameters)
    assert (got["rawPath"], got["rawQueryString"]) == ("/r1/%2Fx", "a=%2F+&a=2")


def test_a_query_string_that_a_function_has_set_follows_the_policies(deployed: Deployed) -> None:
    assert rewritten(deployed, "/a", querystring="a=%2F&denied=1&b=")["rawQueryString"] == "a=%2F&b="


def test_the_origin_gets_the_headers_of_the_policies_only(deployed: Deployed) -> None:
    headers = rewritten(deployed, "/a")["headers"]
    assert headers[VIEWER_URL] == "viewer-request"
    assert headers["user-agent"] == "Amazon CloudFront"
    assert not {"cookie", "changes"}.intersection(headers)


@pytest.mark.parametrize("name", ["connection", "X-Amz-Cf-Id", "x-amzn-requestid", "x-edge-a", "x-cache"])
def test_a_function_neither_sees_nor_sets_the_headers_of_cloudfront(deployed: Deployed, name: str) -> None:
    assert name.lower() not in deployed.fetch("Report", "/", headers={name: "1"}).json["headers"]
    changes = quote(json.dumps({"headers": {name: {"value": "1"}}}))
    assert deployed.fetch("Rewrite", "/", headers={"changes": changes}).status == 502


def test_a_url_has_at_most_8_kb(deployed: Deployed) -> None:
    longest = "/?" + "a" * (LONGEST_URL - 1)
    assert deployed.fetch("Report", longest).status == 200
    assert deployed.fetch("Report", f"{longest}a").status == 413


def test_a_function_can_answer_itself(deployed: Deployed) -> None:
    answer = deployed.fetch("Report", "/a")
    assert (answer.status, answer.headers["made-by"]) == (200, "edge")
