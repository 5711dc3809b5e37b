"""DynamoDB tables."""

from aws_cdk import RemovalPolicy, aws_dynamodb, aws_kms
from constructs import Construct

from safelight_contracts.records import Attribute


def make_table(
    scope: Construct, id: str, *, encryption_key: aws_kms.IKey | None, removal_policy: RemovalPolicy
) -> aws_dynamodb.Table:
    """Make a table with string keys ``pk`` and ``sk``, on demand, with point-in-time recovery and a stream.

    An item with a time in ``Attribute.EXPIRES_AT`` is deleted after that time.

    Parameters
    ----------
    encryption_key
        ``None`` encrypts with a key that DynamoDB owns, which costs nothing.
    removal_policy
        ``RETAIN`` protects the table from deletion. Any other policy does not, because a first deployment that fails
        must be able to delete it.
    """
    return aws_dynamodb.Table(
        scope,
        id,
        partition_key=aws_dynamodb.Attribute(name="pk", type=aws_dynamodb.AttributeType.STRING),
        sort_key=aws_dynamodb.Attribute(name="sk", type=aws_dynamodb.AttributeType.STRING),
        billing_mode=aws_dynamodb.BillingMode.PAY_PER_REQUEST,
        encryption=aws_dynamodb.TableEncryption.CUSTOMER_MANAGED
        if encryption_key
        else aws_dynamodb.TableEncryption.DEFAULT,
        encryption_key=encryption_key,
        point_in_time_recovery_specification=aws_dynamodb.PointInTimeRecoverySpecification(
            point_in_time_recovery_enabled=True
        ),
        stream=aws_dynamodb.StreamViewType.NEW_AND_OLD_IMAGES,
        time_to_live_attribute=Attribute.EXPIRES_AT,
        removal_policy=removal_policy,
        deletion_protection=removal_policy is RemovalPolicy.RETAIN,
    )
