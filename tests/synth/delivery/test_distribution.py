"""The distribution: what it caches, whom it asks, and what it says."""

import json
import re
from typing import Any

import pytest
from aws_cdk import aws_certificatemanager, aws_cloudfront, aws_s3

from awskit.delivery.budget import SECONDS

CERTIFICATE = "arn:aws:acm:us-east-1:111122223333:certificate/1"

# "Headers that you can't remove" and "Headers that you can't add" in CloudFront's guide to response headers policies.
# CloudFront rejects a policy that names one of them.
RESERVED = re.compile(
    r"connection|content-encoding|content-length|expect|host|keep-alive|proxy-(?:authenticate|authorization|connection)"
    r"|trailer|transfer-encoding|upgrade|via|warning|x-accel-(?:buffering|charset|limit-rate|redirect)|x-amz-cf-.*"
    r"|x-amzn-(?:auth|cf-billing|cf-id|cf-xff|errortype|fle-profile|header-count|header-order|lambda-integration-tag"
    r"|requestid)|x-cache|x-edge-.*|x-forwarded-proto|x-real-ip",
    re.IGNORECASE,
)


def certificate(stack: Any) -> aws_certificatemanager.ICertificate:
    return aws_certificatemanager.Certificate.from_certificate_arn(stack, "Certificate", CERTIFICATE)


def logs(stack: Any) -> aws_s3.Bucket:
    return aws_s3.Bucket(stack, "Logs", object_ownership=aws_s3.ObjectOwnership.BUCKET_OWNER_PREFERRED)


def test_the_bucket_of_results_is_asked_first_and_then_the_function(build: Any) -> None:
    distribution = build().distribution
    (group,) = distribution["OriginGroups"]["Items"]
    stored, made = distribution["Origins"]
    assert group["Members"]["Items"] == [{"OriginId": stored["Id"]}, {"OriginId": made["Id"]}]
    assert group["FailoverCriteria"]["StatusCodes"]["Items"] == [403, 404, 500, 502, 503, 504]
    assert "CdnResults" in json.dumps(stored["DomainName"])
    assert "CdnMakeFunctionUrl" in json.dumps(made["DomainName"])
    assert distribution["DefaultCacheBehavior"]["TargetOriginId"] == group["Id"]


def test_every_request_to_an_origin_is_signed(build: Any) -> None:
    built = build()
    controls = [
        it["OriginAccessControlConfig"] for it in built.resources("AWS::CloudFront::OriginAccessControl").values()
    ]
    assert {it["OriginAccessControlOriginType"] for it in controls} == {"s3", "lambda"}
    assert {(it["SigningBehavior"], it["SigningProtocol"]) for it in controls} == {("always", "sigv4")}
    assert all(origin["OriginAccessControlId"] for origin in built.distribution["Origins"])


def test_cloudfront_waits_longer_for_the_function_than_a_request_may_take(build: Any) -> None:
    built = build()
    _, made = built.distribution["Origins"]
    assert made["CustomOriginConfig"]["OriginReadTimeout"] > SECONDS


def test_the_path_alone_is_the_cache_s_key(build: Any) -> None:
    config = build().resource("AWS::CloudFront::CachePolicy")["CachePolicyConfig"]
    key = config["ParametersInCacheKeyAndForwardedToOrigin"]
    assert key["CookiesConfig"] == {"CookieBehavior": "none"}
    assert key["HeadersConfig"] == {"HeaderBehavior": "none"}
    assert key["QueryStringsConfig"] == {"QueryStringBehavior": "none"}
    assert not key["EnableAcceptEncodingGzip"]
    assert not key["EnableAcceptEncodingBrotli"]


def test_no_store_is_obeyed_so_that_a_redirect_reaches_one_viewer_only(build: Any) -> None:
    config = build().resource("AWS::CloudFront::CachePolicy")["CachePolicyConfig"]
    assert (config["MinTTL"], config["DefaultTTL"], config["MaxTTL"]) == (0, 300, 31_536_000)


def test_an_error_is_cached_for_a_second_unless_it_says_more(build: Any) -> None:
    errors = build().distribution["CustomErrorResponses"]
    assert {it["ErrorCode"] for it in errors} == {400, 403, 404, 405, 414, 500, 502, 503, 504}
    assert all(set(it) == {"ErrorCode", "ErrorCachingMinTTL"} and it["ErrorCachingMinTTL"] == 1 for it in errors)


def test_origins_get_what_the_edge_function_says_and_nothing_else_of_the_viewer(build: Any) -> None:
    config = build().resource("AWS::CloudFront::OriginRequestPolicy")["OriginRequestPolicyConfig"]
    assert config["HeadersConfig"] == {
        "HeaderBehavior": "whitelist",
        "Headers": ["x-safelight-url", "x-safelight-accepts"],
    }
    assert config["CookiesConfig"] == {"CookieBehavior": "none"}
    assert config["QueryStringsConfig"] == {"QueryStringBehavior": "none"}


def test_answers_cannot_run_in_a_browser_and_differ_by_accept(build: Any) -> None:
    config = build().resource("AWS::CloudFront::ResponseHeadersPolicy")["ResponseHeadersPolicyConfig"]
    assert config["SecurityHeadersConfig"] == {
        "ContentTypeOptions": {"Override": True},
        "ContentSecurityPolicy": {"ContentSecurityPolicy": "default-src 'none'", "Override": True},
    }
    assert config["CustomHeadersConfig"]["Items"] == [{"Header": "Vary", "Value": "Accept", "Override": True}]
    assert "CorsConfig" not in config


def test_answers_reveal_nothing_of_the_origins_within_cloudfront_s_quota(build: Any) -> None:
    config = build().resource("AWS::CloudFront::ResponseHeadersPolicy")["ResponseHeadersPolicyConfig"]
    removed = {it["Header"] for it in config["RemoveHeadersConfig"]["Items"]}
    assert {"x-amz-request-id", "x-amz-meta-source", "x-amz-expiration", "x-amzn-trace-id"} <= removed
    assert len(removed) <= 10


@pytest.mark.parametrize("arguments", [{}, {"cors_origins": ["https://example.com"]}], ids=["default", "cors"])
def test_no_header_is_removed_or_added_that_cloudfront_reserves(build: Any, arguments: dict[str, Any]) -> None:
    config = build(**arguments).resource("AWS::CloudFront::ResponseHeadersPolicy")["ResponseHeadersPolicyConfig"]
    items = [*config["RemoveHeadersConfig"]["Items"], *config.get("CustomHeadersConfig", {}).get("Items", [])]
    assert [it["Header"] for it in items if RESERVED.fullmatch(it["Header"])] == []


def test_pages_that_may_read_images_are_named_and_a_function_adds_vary(build: Any) -> None:
    built = build(cors_origins=["https://example.com"])
    config = built.resource("AWS::CloudFront::ResponseHeadersPolicy")["ResponseHeadersPolicyConfig"]
    assert config["CorsConfig"]["AccessControlAllowOrigins"] == {"Items": ["https://example.com"]}
    assert config["CorsConfig"]["AccessControlAllowCredentials"] is False
    assert config["CorsConfig"]["AccessControlAllowMethods"] == {"Items": ["GET", "HEAD"]}
    assert config["CorsConfig"]["AccessControlAllowHeaders"] == {"Items": ["*"]}
    assert config["CorsConfig"]["OriginOverride"] is True
    assert "CustomHeadersConfig" not in config
    events = [it["EventType"] for it in built.behaviour["FunctionAssociations"]]
    assert events == ["viewer-request", "viewer-response"]


def test_without_pages_that_may_read_images_no_script_of_another_site_can(build: Any) -> None:
    config = build().resource("AWS::CloudFront::ResponseHeadersPolicy")["ResponseHeadersPolicyConfig"]
    assert "CorsConfig" not in config
    headers = [it["Header"].lower() for it in config["CustomHeadersConfig"]["Items"]]
    assert not any(header.startswith("access-control-") for header in headers)


def test_the_edge_function_sees_every_request(build: Any) -> None:
    built = build()
    (association,) = built.behaviour["FunctionAssociations"]
    assert association["EventType"] == "viewer-request"
    assert built.behaviour["AllowedMethods"] == ["GET", "HEAD", "OPTIONS"]
    assert built.behaviour["ViewerProtocolPolicy"] == "redirect-to-https"


def test_viewers_can_use_http_3(build: Any) -> None:
    distribution = build().distribution
    assert distribution["HttpVersion"] == "http2and3"
    assert distribution["IPV6Enabled"] is True


def test_domains_use_the_certificate_with_tls_1_2_or_newer(build_own: Any) -> None:
    built = build_own(domain_names=["images.example.com", "*.example.com"], certificate=certificate)
    assert built.distribution["Aliases"] == ["images.example.com", "*.example.com"]
    assert built.distribution["ViewerCertificate"] == {
        "AcmCertificateArn": CERTIFICATE,
        "MinimumProtocolVersion": "TLSv1.2_2021",
        "SslSupportMethod": "sni-only",
    }
    assert built.delivery.url == "https://images.example.com"


def test_logs_go_to_a_bucket_of_yours(build_own: Any) -> None:
    logging = build_own(access_logs_bucket=logs, access_logs_prefix="cdn/").distribution["Logging"]
    assert logging["Bucket"]["Fn::GetAtt"][0].startswith("Logs")
    assert logging["Prefix"] == "cdn/"


def test_logs_can_go_to_an_imported_bucket(build_own: Any) -> None:
    logging = build_own(access_logs_bucket=imported_logs).distribution["Logging"]
    assert "logs-of-mine" in json.dumps(logging["Bucket"])


def imported_logs(stack: Any) -> aws_s3.IBucket:
    return aws_s3.Bucket.from_bucket_name(stack, "Logs", "logs-of-mine")


def test_other_options_of_the_distribution_arrive(build_own: Any) -> None:
    acl = "arn:aws:wafv2:us-east-1:111122223333:global/webacl/mine/1"
    distribution = build_own(
        price_class=aws_cloudfront.PriceClass.PRICE_CLASS_100, web_acl_id=acl, origin_shield_region="eu-west-1"
    ).distribution
    assert distribution["PriceClass"] == "PriceClass_100"
    assert distribution["WebACLId"] == acl
    shields = [it["OriginShield"] for it in distribution["Origins"]]
    assert shields == [{"Enabled": True, "OriginShieldRegion": "eu-west-1"}] * 2


@pytest.mark.parametrize(
    "type_name",
    ["Distribution", "Function", "CachePolicy", "OriginRequestPolicy", "ResponseHeadersPolicy", "OriginAccessControl"],
)
def test_without_an_edge_there_is_no_part_of_cloudfront(build: Any, type_name: str) -> None:
    assert build(edge=False).resources(f"AWS::CloudFront::{type_name}") == {}
