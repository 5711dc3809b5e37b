"""Domains, certificates, firewalls, origins and logs that a distribution can use, as far as that is known at synth."""

import re
from collections.abc import Sequence

from aws_cdk import Arn, ArnFormat, Stack, Token, aws_certificatemanager, aws_s3

# "Requirements for using alternate domain names" and "CloudFront ... certificates" in CloudFront's developer guide.
_REGION = "us-east-1"
# "Choosing the AWS Region for Origin Shield" in CloudFront's developer guide.
_ORIGIN_SHIELDS = frozenset(
    {
        "ap-northeast-1",
        "ap-northeast-2",
        "ap-south-1",
        "ap-southeast-1",
        "ap-southeast-2",
        "eu-central-1",
        "eu-west-1",
        "eu-west-2",
        "me-central-1",
        "sa-east-1",
        "us-east-1",
        "us-east-2",
        "us-west-2",
    }
)
# "Choose an Amazon S3 bucket for standard logs" in CloudFront's developer guide. Accounts must opt in to these.
_WITHOUT_LOGS = frozenset(
    {
        "af-south-1",
        "ap-east-1",
        "ap-south-2",
        "ap-southeast-3",
        "ap-southeast-4",
        "ca-west-1",
        "eu-central-2",
        "eu-south-1",
        "eu-south-2",
        "il-central-1",
        "me-central-1",
        "me-south-1",
    }
)
_DOMAIN = re.compile(r"(?:\*\.)?(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}")
_NO_LISTS = "BucketOwnerEnforced"
_ORIGIN = re.compile(r"https?://[a-z0-9.-]+(?::[0-9]{1,5})?")


def validate_domains(
    domain_names: Sequence[str] | None, *, certificate: aws_certificatemanager.ICertificate | None
) -> tuple[str, ...]:
    """Return domain names.

    Raises
    ------
    ValueError
        If a name is no domain, if names or the certificate are given without the other, or if the certificate is known
        to be in another region than us-east-1.
    """
    names = tuple(domain_names or ())
    for name in names:
        if not Token.is_unresolved(name) and not _DOMAIN.fullmatch(name):
            raise ValueError(
                f"domain_names has {name!r}. Use a domain in lower case without https:// and without a path, such as "
                "'images.example.com'."
            )
    if names and certificate is None:
        raise ValueError(
            f"domain_names is {list(names)}, and certificate is missing. Pass a certificate of AWS Certificate Manager "
            f"in {_REGION} that covers them, or omit domain_names."
        )
    if certificate is not None:
        if not names:
            raise ValueError("certificate is given, and domain_names is not. Add domain_names, or omit certificate.")
        region = _region_of(certificate)
        if region not in (None, _REGION):
            raise ValueError(
                f"certificate is in {region}. CloudFront uses certificates of {_REGION} only. Make it in a stack with "
                f"env=Environment(region='{_REGION}'), and use cross_region_references=True in both stacks."
            )
    return names


def validate_web_acl(web_acl_id: str | None) -> None:
    """Raise ValueError if a web ACL is known to be none for CloudFront."""
    if web_acl_id is None or Token.is_unresolved(web_acl_id) or not web_acl_id.startswith("arn:"):
        return
    arn = Arn.split(web_acl_id, ArnFormat.SLASH_RESOURCE_NAME)
    if arn.region != _REGION or arn.resource != "global":
        raise ValueError(
            f"web_acl_id is {web_acl_id!r}. CloudFront uses web ACLs with scope CLOUDFRONT, which are in {_REGION}. "
            "Pass the ARN of one."
        )


def validate_cors_origins(cors_origins: Sequence[str] | None) -> tuple[str, ...]:
    """Return origins, sorted. Raises ValueError if one is not ``*``, or a scheme with a host."""
    origins = tuple(sorted(set(cors_origins or ())))
    for origin in origins:
        if origin != "*" and not _ORIGIN.fullmatch(origin):
            raise ValueError(
                f"cors_origins has {origin!r}. Use what browsers send as Origin, such as 'https://example.com', or '*'."
            )
    if "*" in origins and len(origins) > 1:
        raise ValueError("cors_origins has '*' and others. '*' allows all: omit the others, or omit '*'.")
    return origins


def validate_origin_shield(region: str | None) -> None:
    """Raise ValueError if a region is known to have no Origin Shield."""
    if region is None or Token.is_unresolved(region) or region in _ORIGIN_SHIELDS:
        return
    raise ValueError(
        f"origin_shield_region is {region!r}, which has no Origin Shield. Use the nearest of "
        f"{', '.join(sorted(_ORIGIN_SHIELDS))}, or omit it."
    )


def validate_access_logs(bucket: aws_s3.IBucket | None, *, prefix: str | None) -> None:
    """Validate where CloudFront stores its logs, as far as that is known at synth.

    Raises
    ------
    ValueError
        If there is a prefix of logs, but no bucket for them, if the bucket is in a region that CloudFront sends no logs
        to, or if a bucket of the app has no access control lists.
    """
    if bucket is None:
        if prefix is not None:
            raise ValueError("access_logs_prefix is given, and access_logs_bucket is not. Add it, or omit the prefix.")
        return
    if bucket.env.region in _WITHOUT_LOGS:
        raise ValueError(
            f"access_logs_bucket {bucket.node.path} is in {bucket.env.region}, where CloudFront stores no logs. Use a "
            "bucket of another region, such as us-east-1. If it is there, import it by "
            "Bucket.from_bucket_attributes(region=...)."
        )
    if _has_no_access_control_lists(bucket):
        raise ValueError(
            f"access_logs_bucket {bucket.node.path} has no access control lists, by which CloudFront stores its logs. "
            "Make it with object_ownership=ObjectOwnership.BUCKET_OWNER_PREFERRED."
        )


def _has_no_access_control_lists(bucket: aws_s3.IBucket) -> bool:
    """Say whether a bucket of the app has none, as is the default of S3 ("Controlling ownership of objects")."""
    l1 = bucket.node.default_child
    if not isinstance(l1, aws_s3.CfnBucket):
        return False
    # The public property cannot be read in Python while the value is a token, as the CDK makes it.
    properties = Stack.of(bucket).resolve(l1._cfn_properties)
    controls = properties.get("ownershipControls") or {"rules": [{"objectOwnership": _NO_LISTS}]}
    return any(rule["objectOwnership"] == _NO_LISTS for rule in controls["rules"])


def _region_of(certificate: aws_certificatemanager.ICertificate) -> str | None:
    """Return the region of a certificate, or ``None`` if it is not known."""
    arn = certificate.certificate_arn
    region = (
        certificate.env.region if Token.is_unresolved(arn) else Arn.split(arn, ArnFormat.SLASH_RESOURCE_NAME).region
    )
    return None if region is None or Token.is_unresolved(region) else region
