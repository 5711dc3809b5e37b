"""The outputs of a delivery's stack, by which commands and people find its parts."""

from aws_cdk import CfnOutput, aws_cloudfront, aws_s3, aws_secretsmanager
from constructs import Construct


def make_outputs(
    scope: Construct,
    *,
    url: str,
    results: aws_s3.IBucket,
    signing_scope: str,
    distribution: aws_cloudfront.Distribution | None,
    keys: aws_secretsmanager.Secret | None,
    key_value_store: aws_cloudfront.KeyValueStore | None,
) -> None:
    """Make an output for each part that the delivery has."""
    outputs = {
        "DeliveryUrl": ("Put a path of an image behind this", url),
        "ResultsBucketName": ("Results are stored here", results.bucket_name),
        "DistributionId": ("The CloudFront distribution", distribution and distribution.distribution_id),
        "SigningScope": ("The name of the delivery in signatures", keys and signing_scope),
        "SigningKeysSecretArn": ("The keys that sign URLs", keys and keys.secret_arn),
        "KeyValueStoreArn": (
            "The edge's copy of the keys. It is empty until you run: safelight keys sync",
            key_value_store and key_value_store.key_value_store_arn,
        ),
    }
    for name, (description, value) in outputs.items():
        if value:
            CfnOutput(scope, name, description=description, value=value)
