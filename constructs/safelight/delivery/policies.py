"""What CloudFront caches by, what it sends to origins, and what it adds to answers."""

from collections.abc import Sequence

from aws_cdk import Duration, aws_cloudfront
from constructs import Construct

from safelight.core.account_names import account_wide_name
from safelight_contracts.delivery.settings import ACCEPTS_HEADER, URL_HEADER

_CONTENT_SECURITY = "default-src 'none'"
_LONGEST = Duration.days(365)
_DEFAULT = Duration.minutes(5)
# What S3 and Lambda tell about themselves. A policy removes at most ten headers ("Quotas on policies"), and no
# x-amzn-requestid ("Headers that you can't remove" in "Understand response headers policies" of CloudFront's guide).
_INTERNAL_HEADERS = (
    "x-amz-id-2",
    "x-amz-request-id",
    "x-amz-server-side-encryption",
    "x-amz-server-side-encryption-aws-kms-key-id",
    "x-amz-server-side-encryption-bucket-key-enabled",
    "x-amz-expiration",
    # What a result was made from.
    "x-amz-meta-source",
    "x-amzn-trace-id",
)


def make_cache_policy(scope: Construct, id: str) -> aws_cloudfront.CachePolicy:
    """Make the policy by which results are cached: by the rewritten path alone.

    The minimum is zero, so that ``no-store`` is obeyed. A redirect to one viewer's URL must not reach another.
    """
    parent = Construct(scope, id)
    return aws_cloudfront.CachePolicy(
        parent,
        "Policy",
        cache_policy_name=account_wide_name(parent),
        comment="Image delivery: the path is the key of a result",
        min_ttl=Duration.seconds(0),
        default_ttl=_DEFAULT,
        max_ttl=_LONGEST,
        cookie_behavior=aws_cloudfront.CacheCookieBehavior.none(),
        header_behavior=aws_cloudfront.CacheHeaderBehavior.none(),
        query_string_behavior=aws_cloudfront.CacheQueryStringBehavior.none(),
        enable_accept_encoding_brotli=False,
        enable_accept_encoding_gzip=False,
    )


def make_origin_request_policy(scope: Construct, id: str) -> aws_cloudfront.OriginRequestPolicy:
    """Make the policy by which origins get what the edge function says, and nothing of the viewer."""
    parent = Construct(scope, id)
    return aws_cloudfront.OriginRequestPolicy(
        parent,
        "Policy",
        origin_request_policy_name=account_wide_name(parent),
        comment="Image delivery: what the edge function says",
        cookie_behavior=aws_cloudfront.OriginRequestCookieBehavior.none(),
        header_behavior=aws_cloudfront.OriginRequestHeaderBehavior.allow_list(URL_HEADER, ACCEPTS_HEADER),
        query_string_behavior=aws_cloudfront.OriginRequestQueryStringBehavior.none(),
    )


def make_response_headers_policy(
    scope: Construct, id: str, *, cors_origins: Sequence[str]
) -> aws_cloudfront.ResponseHeadersPolicy:
    """Make the policy that keeps browsers from running what is delivered, and that removes internal headers."""
    parent = Construct(scope, id)
    return aws_cloudfront.ResponseHeadersPolicy(
        parent,
        "Policy",
        response_headers_policy_name=account_wide_name(parent),
        comment="Image delivery: images only",
        cors_behavior=_cors(cors_origins) if cors_origins else None,
        # Results come from S3, which cannot send it. CORS replaces it by Vary: Origin, and a function adds it.
        custom_headers_behavior=None
        if cors_origins
        else aws_cloudfront.ResponseCustomHeadersBehavior(
            custom_headers=[aws_cloudfront.ResponseCustomHeader(header="Vary", value="Accept", override=True)]
        ),
        security_headers_behavior=aws_cloudfront.ResponseSecurityHeadersBehavior(
            content_type_options=aws_cloudfront.ResponseHeadersContentTypeOptions(override=True),
            content_security_policy=aws_cloudfront.ResponseHeadersContentSecurityPolicy(
                content_security_policy=_CONTENT_SECURITY, override=True
            ),
        ),
        remove_headers=list(_INTERNAL_HEADERS),
    )


def _cors(origins: Sequence[str]) -> aws_cloudfront.ResponseHeadersCorsBehavior:
    return aws_cloudfront.ResponseHeadersCorsBehavior(
        access_control_allow_credentials=False,
        access_control_allow_headers=["*"],
        access_control_allow_methods=["GET", "HEAD"],
        access_control_allow_origins=list(origins),
        access_control_max_age=Duration.days(1),
        origin_override=True,
    )
