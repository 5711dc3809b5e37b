"""The functions that redact videos: how each is built, and what it may do."""

from dataclasses import dataclass

from aws_cdk import aws_iam, aws_s3

from safelight.core.permissions import allow
from safelight.core.step_definition import StepDefinition
from safelight_contracts.detectors import DETECTOR_MODELS
from safelight_contracts.redaction.videos import VideoSettings, settings_to_environment

# Lambda's maximum. A chunk is as long as the source's key frames are apart, if that is more than 10 seconds.
_TIMEOUT = 900
# One whole processor: decoding, the detector and the encoder have one thread each.
_MEMORY = 1769
# Lambda's maximum. It holds the largest source, its chunks and the joined video.
_STORAGE = 10_240


@dataclass(frozen=True, kw_only=True)
class StepSettings:
    """What the functions are told, and what they use."""

    redaction: VideoSettings
    source: aws_s3.IBucket
    source_prefix: str
    destination: aws_s3.IBucket
    destination_prefix: str
    work: aws_s3.IBucket


def _environment(settings: StepSettings) -> dict[str, str]:
    return settings_to_environment(settings.redaction)


def _allow_source(role: aws_iam.Role, settings: StepSettings) -> None:
    bucket = settings.source
    allow(role, "s3:GetObject", "s3:GetObjectVersion", on=bucket.arn_for_objects(f"{settings.source_prefix}*"))
    # Without it, S3 answers 403 for a missing object.
    allow(role, "s3:ListBucket", on=bucket.bucket_arn)
    if bucket.encryption_key:
        bucket.encryption_key.grant_decrypt(role)


def _allow_work(role: aws_iam.Role, settings: StepSettings, *actions: str) -> None:
    allow(role, *actions, on=settings.work.arn_for_objects("*"))
    if settings.work.encryption_key:
        settings.work.encryption_key.grant_encrypt_decrypt(role)


def _allow_destination(role: aws_iam.Role, settings: StepSettings, *actions: str) -> None:
    bucket = settings.destination
    allow(role, *actions, on=bucket.arn_for_objects(f"{settings.destination_prefix}*"))
    # Without it, S3 answers 403 for a missing object.
    allow(role, "s3:ListBucket", on=bucket.bucket_arn)
    if bucket.encryption_key:
        bucket.encryption_key.grant_encrypt_decrypt(role)


def _permit_probe(role: aws_iam.Role, settings: StepSettings) -> None:
    _allow_source(role, settings)
    _allow_work(role, settings, "s3:PutObject")
    _allow_destination(role, settings, "s3:GetObject")


def _permit_chunk(role: aws_iam.Role, settings: StepSettings) -> None:
    _allow_source(role, settings)
    _allow_work(role, settings, "s3:GetObject", "s3:PutObject")


def _permit_link(role: aws_iam.Role, settings: StepSettings) -> None:
    _allow_work(role, settings, "s3:GetObject", "s3:PutObject")


def _permit_join(role: aws_iam.Role, settings: StepSettings) -> None:
    _allow_source(role, settings)
    _allow_work(role, settings, "s3:GetObject")
    _allow_destination(role, settings, "s3:GetObject", "s3:PutObject")


def _permit_clean(role: aws_iam.Role, settings: StepSettings) -> None:
    _allow_work(role, settings, "s3:DeleteObject")
    allow(role, "s3:ListBucket", on=settings.work.bucket_arn)


VIDEO_STEPS = {
    step.id: step
    for step in (
        StepDefinition(
            id="Probe",
            package="probe",
            memory=_MEMORY,
            timeout=_TIMEOUT,
            layers=("powertools", "numpy", "video"),
            packages=("videokit",),
            storage=_STORAGE,
            calls=frozenset({"s3:HeadObject", "s3:GetObject", "s3:PutObject"}),
            environment=_environment,
            permit=_permit_probe,
        ),
        StepDefinition(
            id="Detect",
            package="detect",
            memory=_MEMORY,
            timeout=_TIMEOUT,
            # The layer of OpenCV has NumPy.
            layers=("powertools", "opencv", "video", DETECTOR_MODELS),
            packages=("videokit", "visionkit"),
            storage=_STORAGE,
            calls=frozenset({"s3:GetObject", "s3:PutObject"}),
            environment=_environment,
            permit=_permit_chunk,
        ),
        StepDefinition(
            id="Link",
            package="link",
            memory=_MEMORY,
            timeout=_TIMEOUT,
            layers=("powertools", "numpy", "video"),
            packages=("videokit",),
            calls=frozenset({"s3:GetObject", "s3:PutObject"}),
            environment=_environment,
            permit=_permit_link,
        ),
        StepDefinition(
            id="Cover",
            package="cover",
            memory=_MEMORY,
            timeout=_TIMEOUT,
            layers=("powertools", "numpy", "video"),
            packages=("videokit",),
            storage=_STORAGE,
            calls=frozenset({"s3:GetObject", "s3:PutObject"}),
            environment=_environment,
            permit=_permit_chunk,
        ),
        StepDefinition(
            id="Join",
            package="join",
            memory=_MEMORY,
            timeout=_TIMEOUT,
            layers=("powertools", "numpy", "video"),
            packages=("videokit",),
            storage=_STORAGE,
            calls=frozenset({"s3:HeadObject", "s3:GetObject", "s3:PutObject"}),
            environment=_environment,
            permit=_permit_join,
        ),
        StepDefinition(
            id="Clean",
            package="clean",
            memory=256,
            timeout=300,
            layers=("powertools",),
            packages=("videokit",),
            calls=frozenset({"s3:ListObjectsV2", "s3:DeleteObjects"}),
            environment=_environment,
            permit=_permit_clean,
        ),
    )
}
"""The functions by the ids of their constructs. In the definition, `${IdFunctionArn}` is the ARN of one."""
