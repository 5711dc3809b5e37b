"""The functions that redact videos: how each is built, and what it may do."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from aws_cdk import aws_iam, aws_s3

from safelight.core.permissions import allow
from safelight.core.step_definition import StepDefinition
from safelight.redaction.permissions import allow_keeping, allow_reading
from safelight_contracts.detectors import DETECTOR_MODELS
from safelight_contracts.redaction.reviews import REVIEWS
from safelight_contracts.redaction.videos import WORK, VideoSettings, settings_to_environment

# Lambda's maximum. A chunk is as long as the source's key frames are apart, if that is more than 10 seconds.
_TIMEOUT = 900
# One whole processor: decoding, the detector and the encoder have one thread each.
_MEMORY = 1769
# All tracks of a video are in memory. 720,000 detections, such as 20 faces for two hours, a look each 0.2 seconds, took
# 0.54 GB and 78 processor seconds to link and to write. Frames of at most 1280 x 720 have twice as many.
_LINK_MEMORY = 3538
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
    allow_reading(role, bucket=settings.source, prefix=settings.source_prefix)


def _allow_work(role: aws_iam.Role, settings: StepSettings, *actions: str) -> None:
    allow(role, *actions, on=settings.work.arn_for_objects(f"{WORK}*"))
    if settings.work.encryption_key:
        settings.work.encryption_key.grant_encrypt_decrypt(role)


def _allow_destination(role: aws_iam.Role, settings: StepSettings, *actions: str) -> None:
    allow_keeping(role, *actions, bucket=settings.destination, prefix=settings.destination_prefix)


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
    allow_keeping(role, "s3:GetObject", "s3:PutObject", "s3:DeleteObject", bucket=settings.work, prefix=REVIEWS)
    _allow_destination(role, settings, "s3:GetObject", "s3:PutObject", "s3:DeleteObject")


def _permit_withdraw(role: aws_iam.Role, settings: StepSettings) -> None:
    allow_keeping(role, "s3:GetObject", "s3:DeleteObject", bucket=settings.work, prefix=REVIEWS)
    _allow_destination(role, settings, "s3:GetObject", "s3:DeleteObject")


def _permit_clean(role: aws_iam.Role, settings: StepSettings) -> None:
    _allow_work(role, settings, "s3:DeleteObject")
    allow(role, "s3:ListBucket", on=settings.work.bucket_arn)


# A function that reads or writes videos. Those of a chunk or of the whole have their files in /tmp.
_video_step = partial(
    StepDefinition[StepSettings],
    memory=_MEMORY,
    timeout=_TIMEOUT,
    layers=("powertools", "numpy", "video"),
    packages=("videokit",),
    environment=_environment,
)

VIDEO_STEPS: Mapping[str, StepDefinition[StepSettings]] = {
    step.id: step
    for step in (
        _video_step(
            id="Probe",
            package="probe",
            storage=_STORAGE,
            calls=frozenset({"s3:HeadObject", "s3:GetObject", "s3:PutObject"}),
            permit=_permit_probe,
        ),
        _video_step(
            id="Detect",
            package="detect",
            # The layer of OpenCV has NumPy.
            layers=("powertools", "opencv", "video", DETECTOR_MODELS),
            packages=("videokit", "visionkit"),
            storage=_STORAGE,
            calls=frozenset({"s3:GetObject", "s3:PutObject"}),
            permit=_permit_chunk,
        ),
        _video_step(
            id="Link",
            package="link",
            memory=_LINK_MEMORY,
            calls=frozenset({"s3:GetObject", "s3:PutObject"}),
            permit=_permit_link,
        ),
        _video_step(
            id="Cover",
            package="cover",
            storage=_STORAGE,
            calls=frozenset({"s3:GetObject", "s3:PutObject"}),
            permit=_permit_chunk,
        ),
        _video_step(
            id="Join",
            package="join",
            storage=_STORAGE,
            calls=frozenset({"s3:HeadObject", "s3:GetObject", "s3:PutObject", "s3:DeleteObject"}),
            permit=_permit_join,
        ),
        _video_step(
            id="Withdraw",
            package="withdraw",
            memory=256,
            timeout=300,
            layers=("powertools",),
            calls=frozenset({"s3:HeadObject", "s3:DeleteObject"}),
            permit=_permit_withdraw,
        ),
        _video_step(
            id="Clean",
            package="clean",
            memory=256,
            timeout=300,
            layers=("powertools",),
            calls=frozenset({"s3:ListObjectsV2", "s3:DeleteObjects"}),
            permit=_permit_clean,
        ),
    )
}
"""The functions by the ids of their constructs. In the definition, `${IdFunctionArn}` is the ARN of one."""
