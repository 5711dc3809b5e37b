"""The keys that sign URLs: a secret for who signs, and a copy for the edge."""

from aws_cdk import RemovalPolicy, Stack, aws_cloudfront, aws_iam, aws_kms, aws_secretsmanager
from constructs import Construct

from safelight.core.account_names import account_wide_name

_FIRST_KEY_ID = "1"
# As many as a signature has, and more than the 32 that a key must have.
_CHARACTERS = 43


def make_signing_secret(
    scope: Construct, id: str, *, encryption_key: aws_kms.IKey | None, removal_policy: RemovalPolicy
) -> aws_secretsmanager.Secret:
    """Make a secret with one random key, ``{"1": "..."}``, which no template holds."""
    return aws_secretsmanager.Secret(
        scope,
        id,
        description="Image delivery: the keys that sign URLs, by their kid",
        generate_secret_string=aws_secretsmanager.SecretStringGenerator(
            secret_string_template="{}",  # noqa: S106 - the key is generated into it
            generate_string_key=_FIRST_KEY_ID,
            password_length=_CHARACTERS,
            exclude_punctuation=True,
        ),
        encryption_key=encryption_key,
        removal_policy=removal_policy,
    )


def grant_reading(keys: aws_secretsmanager.Secret, grantee: aws_iam.IGrantable) -> aws_iam.Grant:
    """Allow somebody to read the keys.

    The CDK's ``grant_read`` names the grantee in the policy of the encryption key. A key of another stack would then
    depend on the grantee's stack, which depends on the key's.
    """
    read = aws_iam.Grant.add_to_principal(
        grantee=grantee,
        actions=["secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret"],
        resource_arns=[keys.secret_arn],
    )
    if keys.encryption_key is None:
        return read
    secrets_manager = f"secretsmanager.{Stack.of(keys).region}.amazonaws.com"
    return read.combine(
        aws_iam.Grant.add_to_principal(
            grantee=grantee,
            actions=["kms:Decrypt"],
            resource_arns=[keys.encryption_key.key_arn],
            conditions={"StringEquals": {"kms:ViaService": secrets_manager}},
        )
    )


def make_key_value_store(scope: Construct, id: str) -> aws_cloudfront.KeyValueStore:
    """Make an empty store. ``safelight keys sync`` copies the keys of the secret to it.

    CloudFormation could only fill it from a file, and a secret must not be in one.
    """
    parent = Construct(scope, id)
    return aws_cloudfront.KeyValueStore(
        parent,
        "Store",
        key_value_store_name=account_wide_name(parent),
        comment="Image delivery: the keys that sign URLs, by their kid",
    )
