"""The distribution: the bucket of results, and behind it the function that makes what is not there."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from aws_cdk import (
    Duration,
    Fn,
    Stack,
    aws_certificatemanager,
    aws_cloudfront,
    aws_cloudfront_origins,
    aws_iam,
    aws_lambda,
    aws_s3,
)
from constructs import Construct

from safelight.core.account_names import account_wide_name
from safelight.delivery.domains import (
    validate_access_logs,
    validate_cors_origins,
    validate_domains,
    validate_origin_shield,
    validate_web_acl,
)
from safelight.delivery.edge import make_answer_function
from safelight.delivery.policies import make_cache_policy, make_origin_request_policy, make_response_headers_policy
from safelight_contracts.delivery.result_keys import ALL_RESULTS

FAILOVER_CODES = (403, 404, 500, 502, 503, 504)
"""Statuses of the bucket after which the function is asked. 403 is a missing object, because nobody may list."""

# Those that a request can have of "HTTP 4xx and 5xx status codes that CloudFront caches" in CloudFront's guide.
_ERRORS = (400, 403, 404, 405, 414, 500, 502, 503, 504)
# The default of 10 seconds would keep an error that ended.
_ERROR_KEPT = Duration.seconds(1)
# CloudFront's default and its maximum without a higher quota are 30 and 60. The function ends before.
_ORIGIN_WAITS = Duration.seconds(30)
_TLS = aws_cloudfront.SecurityPolicyProtocol.TLS_V1_2_2021


@dataclass(frozen=True, kw_only=True)
class DistributionOptions:
    """What the user says about the distribution.

    Parameters
    ----------
    origin_shield_region
        ``None`` uses no Origin Shield.
    """

    domain_names: tuple[str, ...]
    certificate: aws_certificatemanager.ICertificate | None
    price_class: aws_cloudfront.PriceClass
    access_logs_bucket: aws_s3.IBucket | None
    access_logs_prefix: str | None
    web_acl_id: str | None
    cors_origins: tuple[str, ...]
    origin_shield_region: str | None


def distribution_options(
    *,
    edge: bool,
    domain_names: Sequence[str] | None,
    certificate: aws_certificatemanager.ICertificate | None,
    price_class: aws_cloudfront.PriceClass | None,
    access_logs_bucket: aws_s3.IBucket | None,
    access_logs_prefix: str | None,
    web_acl_id: str | None,
    cors_origins: Sequence[str] | None,
    origin_shield_region: str | None,
) -> DistributionOptions:
    """Return what the user says about the distribution.

    Raises
    ------
    ValueError
        If there is no distribution, but something is said about it, or if CloudFront cannot use it.
    """
    given = {
        "domain_names": domain_names,
        "certificate": certificate,
        "price_class": price_class,
        "access_logs_bucket": access_logs_bucket,
        "access_logs_prefix": access_logs_prefix,
        "web_acl_id": web_acl_id,
        "cors_origins": cors_origins,
        "origin_shield_region": origin_shield_region,
    }
    unused = [name for name, value in given.items() if value is not None]
    if unused and not edge:
        raise ValueError(f"{', '.join(unused)} is for CloudFront, and edge is False. Omit it, or omit edge.")
    validate_access_logs(access_logs_bucket, prefix=access_logs_prefix)
    validate_web_acl(web_acl_id)
    validate_origin_shield(origin_shield_region)
    return DistributionOptions(
        domain_names=validate_domains(domain_names, certificate=certificate),
        certificate=certificate,
        price_class=price_class or aws_cloudfront.PriceClass.PRICE_CLASS_ALL,
        access_logs_bucket=access_logs_bucket,
        access_logs_prefix=access_logs_prefix,
        web_acl_id=web_acl_id,
        cors_origins=validate_cors_origins(cors_origins),
        origin_shield_region=origin_shield_region,
    )


def url_of(
    make_url: aws_lambda.FunctionUrl,
    *,
    distribution: aws_cloudfront.Distribution | None,
    domain_names: Sequence[str],
) -> str:
    """Return what the path of a request stands behind, without a slash at the end."""
    if distribution is None:
        return f"https://{Fn.select(2, Fn.split('/', make_url.url))}"
    return f"https://{domain_names[0] if domain_names else distribution.distribution_domain_name}"


def make_distribution(
    scope: Construct,
    id: str,
    *,
    results: aws_s3.Bucket,
    function_url: aws_lambda.FunctionUrl,
    edge_function: aws_cloudfront.Function,
    options: DistributionOptions,
) -> aws_cloudfront.Distribution:
    """Make the distribution. It alone may read the bucket, and it alone may invoke the function by its URL."""
    distribution = aws_cloudfront.Distribution(
        scope,
        id,
        comment=f"Image delivery: {scope.node.path}"[:128],
        default_behavior=aws_cloudfront.BehaviorOptions(
            origin=aws_cloudfront_origins.OriginGroup(
                primary_origin=_stored(scope, results=results, shield=options.origin_shield_region),
                fallback_origin=_made(scope, function_url=function_url, shield=options.origin_shield_region),
                fallback_status_codes=list(FAILOVER_CODES),
            ),
            allowed_methods=aws_cloudfront.AllowedMethods.ALLOW_GET_HEAD_OPTIONS,
            cached_methods=aws_cloudfront.CachedMethods.CACHE_GET_HEAD,
            viewer_protocol_policy=aws_cloudfront.ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
            # Images are compressed already.
            compress=False,
            cache_policy=make_cache_policy(scope, "Cache"),
            origin_request_policy=make_origin_request_policy(scope, "OriginRequests"),
            response_headers_policy=make_response_headers_policy(scope, "Headers", cors_origins=options.cors_origins),
            function_associations=list(_functions(scope, edge_function, cors_origins=options.cors_origins)),
        ),
        error_responses=[aws_cloudfront.ErrorResponse(http_status=code, ttl=_ERROR_KEPT) for code in _ERRORS],
        http_version=aws_cloudfront.HttpVersion.HTTP2_AND_3,
        # CloudFront's own certificate has CloudFront's own policy.
        minimum_protocol_version=_TLS if options.certificate else None,
        domain_names=list(options.domain_names) or None,
        certificate=options.certificate,
        price_class=options.price_class,
        log_bucket=options.access_logs_bucket,
        log_file_prefix=options.access_logs_prefix,
        web_acl_id=options.web_acl_id,
    )
    _allow_reading(results, distribution=distribution)
    return distribution


def reading_with_key(scope: Construct) -> aws_iam.PolicyStatement:
    """Return the statement by which the policy of an imported key lets the distribution read the bucket of results.

    Nobody knows the distribution's id before it is deployed.

    References
    ----------
    "SSE-KMS" in
    https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-restricting-access-to-s3.html
    """
    return _statement(
        "kms:Decrypt",
        on="*",
        condition={"StringEquals": {"aws:SourceArn": _distribution_arn(scope, id="DISTRIBUTION_ID")}},
    )


def _allow_reading(results: aws_s3.Bucket, *, distribution: aws_cloudfront.Distribution) -> None:
    """Let the distribution read results, and nothing else that is in the bucket."""
    results.add_to_resource_policy(
        _statement(
            "s3:GetObject",
            on=results.arn_for_objects(f"{ALL_RESULTS}*"),
            condition={"StringEquals": {"aws:SourceArn": distribution.distribution_arn}},
        )
    )
    if results.encryption_key:
        # It cannot name the distribution, which depends on it.
        any_distribution = _distribution_arn(results, id="*")
        results.encryption_key.add_to_resource_policy(
            _statement("kms:Decrypt", on="*", condition={"ArnLike": {"aws:SourceArn": any_distribution}})
        )


def _statement(action: str, *, on: str, condition: dict[str, dict[str, str]]) -> aws_iam.PolicyStatement:
    return aws_iam.PolicyStatement(
        principals=[aws_iam.ServicePrincipal("cloudfront.amazonaws.com")],
        actions=[action],
        resources=[on],
        conditions=condition,
    )


def _distribution_arn(scope: Construct, *, id: str) -> str:
    return Stack.of(scope).format_arn(service="cloudfront", region="", resource="distribution", resource_name=id)


def _functions(
    scope: Construct, edge_function: aws_cloudfront.Function, *, cors_origins: Sequence[str]
) -> Iterator[aws_cloudfront.FunctionAssociation]:
    events = aws_cloudfront.FunctionEventType
    yield aws_cloudfront.FunctionAssociation(event_type=events.VIEWER_REQUEST, function=edge_function)
    if cors_origins:
        answer = make_answer_function(scope, "EdgeAnswer")
        yield aws_cloudfront.FunctionAssociation(event_type=events.VIEWER_RESPONSE, function=answer)


def _stored(scope: Construct, *, results: aws_s3.Bucket, shield: str | None) -> aws_cloudfront.IOrigin:
    parent = Construct(scope, "ResultsAccess")
    control = aws_cloudfront.S3OriginAccessControl(
        parent, "Control", origin_access_control_name=account_wide_name(parent)
    )
    # With an access control itself, the CDK would let the distribution read the whole bucket.
    return aws_cloudfront_origins.S3BucketOrigin.with_bucket_defaults(
        results, origin_access_control_id=control.origin_access_control_id, origin_shield_region=shield
    )


def _made(scope: Construct, *, function_url: aws_lambda.FunctionUrl, shield: str | None) -> aws_cloudfront.IOrigin:
    parent = Construct(scope, "MakeAccess")
    return aws_cloudfront_origins.FunctionUrlOrigin.with_origin_access_control(
        function_url,
        origin_access_control=aws_cloudfront.FunctionUrlOriginAccessControl(
            parent, "Control", origin_access_control_name=account_wide_name(parent)
        ),
        read_timeout=_ORIGIN_WAITS,
        origin_shield_region=shield,
    )
