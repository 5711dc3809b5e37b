"""Website endpoints of the emulator's S3."""

import json
from typing import Any

import pytest
from tests.local.distributions import Answer, fetch
from tests.local.emulator_clients import client

from safelight_local.emulator.endpoints import REGION, Endpoints
from safelight_local.emulator.patches.websites import RoutingRule
from safelight_local.emulator.process import Emulator

BUCKET = "a-website"
HOST = f"{BUCKET}.s3-website-{REGION}.amazonaws.com"
PUBLIC = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": "*",
            "Action": "s3:GetObject",
            "Resource": f"arn:aws:s3:::{BUCKET}/public/*",
        }
    ],
}
RULES = [
    {"Condition": {"KeyPrefixEquals": "old/"}, "Redirect": {"ReplaceKeyPrefixWith": "public/"}},
    {
        "Condition": {"HttpErrorCodeReturnedEquals": "403", "KeyPrefixEquals": "public/"},
        "Redirect": {
            "HostName": "api.example.com",
            "Protocol": "https",
            "HttpRedirectCode": "307",
            "ReplaceKeyPrefixWith": "make?key=",
        },
    },
]


@pytest.fixture(scope="module")
def endpoints(emulator: Emulator) -> Endpoints:
    """A website of which everybody may read one prefix and nothing may be listed."""
    s3: Any = client(emulator.endpoints, "s3")
    s3.create_bucket(Bucket=BUCKET)
    s3.put_public_access_block(Bucket=BUCKET, PublicAccessBlockConfiguration={"BlockPublicPolicy": False})
    s3.put_bucket_policy(Bucket=BUCKET, Policy=json.dumps(PUBLIC))
    s3.put_bucket_website(
        Bucket=BUCKET, WebsiteConfiguration={"IndexDocument": {"Suffix": "index.html"}, "RoutingRules": RULES}
    )
    for key in ("public/a b.txt", "public/index.html", "private/a.txt"):
        s3.put_object(Bucket=BUCKET, Key=key, Body=key.encode(), CacheControl="max-age=5")
    return emulator.endpoints


def get(endpoints: Endpoints, target: str, **request: Any) -> Answer:
    return fetch(endpoints, HOST, target, **request)


def test_an_object_that_everybody_may_read_is_served_with_its_headers(endpoints: Endpoints) -> None:
    answer = get(endpoints, "/public/a%20b.txt")
    assert (answer.status, answer.body) == (200, b"public/a b.txt")
    assert answer.headers["cache-control"] == "max-age=5"


def test_a_folder_has_an_index_document(endpoints: Endpoints) -> None:
    assert get(endpoints, "/public/").body == b"public/index.html"


def test_a_missing_object_is_redirected_by_the_rule_for_its_status(endpoints: Endpoints) -> None:
    answer = get(endpoints, "/public/none%20%26.txt")
    assert answer.status == 307
    assert answer.headers["location"] == "https://api.example.com/make?key=none%20%26.txt"


def test_a_rule_without_a_status_is_applied_first(endpoints: Endpoints) -> None:
    answer = get(endpoints, "/old/a.txt")
    assert (answer.status, answer.headers["location"]) == (301, f"http://{HOST}/public/a.txt")


def test_what_nobody_may_read_is_an_error_page(endpoints: Endpoints) -> None:
    answer = get(endpoints, "/private/a.txt")
    assert (answer.status, answer.headers["content-type"]) == (403, "text/html; charset=utf-8")
    assert b"AccessDenied" in answer.body


def test_only_get_and_head_are_accepted(endpoints: Endpoints) -> None:
    assert get(endpoints, "/public/a%20b.txt", method="PUT", body=b"x").status == 405
    head = get(endpoints, "/public/a%20b.txt", method="HEAD")
    assert (head.status, head.body) == (200, b"")


def test_a_bucket_without_a_website_has_no_such_endpoint(endpoints: Endpoints) -> None:
    client(endpoints, "s3").create_bucket(Bucket="no-website")
    answer = fetch(endpoints, HOST.replace(BUCKET, "no-website"), "/public/a.txt")
    assert (answer.status, b"NoSuchWebsiteConfiguration" in answer.body) == (404, True)


def test_a_missing_object_is_404_where_everybody_may_list(endpoints: Endpoints) -> None:
    s3, listed = client(endpoints, "s3"), "listed-website"
    s3.create_bucket(Bucket=listed)
    s3.put_public_access_block(Bucket=listed, PublicAccessBlockConfiguration={"BlockPublicPolicy": False})
    statement = {"Effect": "Allow", "Principal": "*", "Action": ["s3:GetObject", "s3:ListBucket"]}
    resources = [f"arn:aws:s3:::{listed}", f"arn:aws:s3:::{listed}/*"]
    policy = {"Version": "2012-10-17", "Statement": [statement | {"Resource": resources}]}
    s3.put_bucket_policy(Bucket=listed, Policy=json.dumps(policy))
    s3.put_bucket_website(Bucket=listed, WebsiteConfiguration={"IndexDocument": {"Suffix": "index.html"}})
    answer = fetch(endpoints, HOST.replace(BUCKET, listed), "/none.txt")
    assert (answer.status, b"NoSuchKey" in answer.body) == (404, True)


def test_a_rule_can_name_another_key() -> None:
    rule = RoutingRule(redirect={"ReplaceKeyWith": "sorry.html"})
    assert rule.location("a.txt", host="example.com") == "http://example.com/sorry.html"
