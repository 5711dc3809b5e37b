"""The bucket of a website: everybody may read the images in permitted sizes, and nothing else."""

from collections.abc import Sequence

from aws_cdk import Duration, Fn, RemovalPolicy, aws_apigatewayv2, aws_iam, aws_s3
from constructs import Construct

from safelight.delivery.results import validate_kept
from safelight_contracts.delivery.websites import KEY_PARAMETER, RESIZE_PATH, Size, size_prefix

# Without permission to list, S3 says 403 for an object that does not exist.
_MISSING = "403"
# Browsers do not cache it, unlike 301.
_TEMPORARY_REDIRECT = "307"
# A website must have one. The bucket has no such object.
_INDEX = "index.html"


def make_website_bucket(
    scope: Construct,
    id: str,
    *,
    sizes: Sequence[Size],
    key_prefix: str,
    api: aws_apigatewayv2.HttpApi,
    kept: Duration | None,
    removal_policy: RemovalPolicy,
) -> aws_s3.Bucket:
    """Make the bucket. It redirects who asks for a missing image to the API.

    Images in other sizes, or of sources under another prefix, can be there from before a deployment. Nobody may read
    them.

    S3 itself encrypts it, because a website cannot decrypt what another key encrypts.

    Raises
    ------
    ValueError
        If ``kept`` is not in whole days.
    """
    days = validate_kept(kept)
    bucket = aws_s3.Bucket(
        scope,
        id,
        # A policy may make it public. Access control lists may not.
        block_public_access=aws_s3.BlockPublicAccess(
            block_public_acls=True, ignore_public_acls=True, block_public_policy=False, restrict_public_buckets=False
        ),
        object_ownership=aws_s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
        encryption=aws_s3.BucketEncryption.S3_MANAGED,
        website_index_document=_INDEX,
        website_routing_rules=[
            aws_s3.RoutingRule(
                condition=aws_s3.RoutingRuleCondition(http_error_code_returned_equals=_MISSING),
                host_name=_host_of(api),
                protocol=aws_s3.RedirectProtocol.HTTPS,
                http_redirect_code=_TEMPORARY_REDIRECT,
                replace_key=aws_s3.ReplaceKey.prefix_with(f"{RESIZE_PATH}?{KEY_PARAMETER}="),
            )
        ],
        lifecycle_rules=[
            aws_s3.LifecycleRule(id="AbortIncompleteUploads", abort_incomplete_multipart_upload_after=Duration.days(7)),
            aws_s3.LifecycleRule(id="ExpireResults", expiration=days),
        ],
        removal_policy=removal_policy,
    )
    bucket.add_to_resource_policy(
        aws_iam.PolicyStatement(
            sid="EverybodyReadsPermittedSizes",
            principals=[aws_iam.AnyPrincipal()],
            actions=["s3:GetObject"],
            resources=[bucket.arn_for_objects(f"{size_prefix(size)}{key_prefix}*") for size in sizes],
        )
    )
    bucket.add_to_resource_policy(
        aws_iam.PolicyStatement(
            sid="AllElseOverTls",
            effect=aws_iam.Effect.DENY,
            principals=[aws_iam.AnyPrincipal()],
            # A website has no TLS.
            not_actions=["s3:GetObject"],
            resources=[bucket.bucket_arn, bucket.arn_for_objects("*")],
            conditions={"Bool": {"aws:SecureTransport": "false"}},
        )
    )
    return bucket


def _host_of(api: aws_apigatewayv2.HttpApi) -> str:
    # https://HOST
    return Fn.select(2, Fn.split("/", api.api_endpoint))
