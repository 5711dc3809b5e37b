"""Makes an image that is asked for, and stores it. Its URL invokes it."""

from collections.abc import Sequence
from dataclasses import replace

from aws_cdk import aws_iam, aws_lambda, aws_s3

from safelight.core.permissions import allow
from safelight.core.step_definition import StepDefinition
from safelight.delivery.published import allow_reading_records
from safelight.delivery.settings import StepSettings
from safelight_contracts.delivery.settings import settings_to_environment
from safelight_contracts.limits import limits_to_environment

_FACES = "rekognition:DetectFaces"
_UNSAFE = "rekognition:DetectModerationLabels"


def _environment(settings: StepSettings) -> dict[str, str]:
    return settings_to_environment(settings.delivery) | limits_to_environment(settings.limits)


def allow_making(role: aws_iam.Role, *, sources: Sequence[tuple[aws_s3.IBucket, str]], results: aws_s3.IBucket) -> None:
    """Allow a role to read the objects under a prefix of each source, and to keep results."""
    for bucket, prefix in sources:
        allow(role, "s3:GetObject", on=bucket.arn_for_objects(f"{prefix}*"))
        # Without it, S3 answers 403 for a missing object.
        allow(role, "s3:ListBucket", on=bucket.bucket_arn)
        if bucket.encryption_key:
            bucket.encryption_key.grant_decrypt(role)
    allow(role, "s3:GetObject", "s3:PutObject", "s3:DeleteObject", on=results.arn_for_objects("*"))
    allow(role, "s3:ListBucket", on=results.bucket_arn)
    if results.encryption_key:
        results.encryption_key.grant_encrypt_decrypt(role)


def _permit(role: aws_iam.Role, settings: StepSettings) -> None:
    allow_making(role, sources=settings.objects, results=settings.results)
    if settings.published:
        allow_reading_records(role, settings.published)
    if settings.keys:
        # The key of the functions, which they may use, is the secret's. The CDK's grant_read would name the role in its
        # policy.
        allow(role, "secretsmanager:GetSecretValue", on=settings.keys.secret_arn)
    if settings.forget_queue:
        allow(role, "sqs:SendMessage", on=settings.forget_queue.queue_arn)
    for action in _detections(settings):
        # Rekognition only supports this resource.
        allow(role, action, on="*")


def _detections(settings: StepSettings) -> list[str]:
    return [*([_FACES] if settings.finds_faces else []), *([_UNSAFE] if settings.finds_unsafe else [])]


def _adapt(definition: StepDefinition[StepSettings], settings: StepSettings) -> StepDefinition[StepSettings]:
    return replace(definition, calls=definition.calls | set(_detections(settings)))


STEP = StepDefinition(
    id="Make",
    package="make",
    memory=1769,
    # A request gets its answer within 25 seconds. The function lives longer, because it must not end between storing a
    # result and checking that its source is still the same, however slow S3, DynamoDB and SQS are.
    timeout=300,
    layers=("powertools", "heif", "raw"),
    packages=("deliverykit",),
    calls=frozenset({"s3:GetObject", "s3:HeadObject", "s3:PutObject", "s3:DeleteObject"}),
    rejects_by_raising=False,
    # CloudFront begins no trace, and one of the function alone costs 25 times the price of its request.
    tracing=aws_lambda.Tracing.DISABLED,
    environment=_environment,
    permit=_permit,
    adapt=_adapt,
)
