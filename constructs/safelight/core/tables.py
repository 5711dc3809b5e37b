"""The table that says what became of every upload."""

from aws_cdk import RemovalPolicy, aws_dynamodb
from constructs import Construct


def records_table(scope: Construct, id: str, *, removal_policy: RemovalPolicy) -> aws_dynamodb.Table:
    """Make the table of places, uploads and assets.

    =======  ==================  ================================  ==============================================
    item     ``pk``              ``sk``                            says
    =======  ==================  ================================  ==============================================
    place    ``PLACE#{placeId}``  ``LISTING``                       the place's ``placeType``
    upload   ``IMAGE#{key}``      ``UPLOAD#{padded sequencer}``     the outcome of one upload
    asset    ``PLACE#{placeId}``  ``ASSET#{key}``                   what is published for a place
    =======  ==================  ================================  ==============================================

    Every upload of a key is one query, newest last; so is everything a place shows.
    """
    return aws_dynamodb.Table(
        scope,
        id,
        partition_key=aws_dynamodb.Attribute(name="pk", type=aws_dynamodb.AttributeType.STRING),
        sort_key=aws_dynamodb.Attribute(name="sk", type=aws_dynamodb.AttributeType.STRING),
        billing_mode=aws_dynamodb.BillingMode.PAY_PER_REQUEST,
        encryption=aws_dynamodb.TableEncryption.AWS_MANAGED,
        point_in_time_recovery_specification=aws_dynamodb.PointInTimeRecoverySpecification(
            point_in_time_recovery_enabled=True
        ),
        stream=aws_dynamodb.StreamViewType.NEW_AND_OLD_IMAGES,
        # Tombstones of deleted uploads have it.
        time_to_live_attribute="expiresAt",
        removal_policy=removal_policy,
        deletion_protection=removal_policy is not RemovalPolicy.DESTROY,
    )
