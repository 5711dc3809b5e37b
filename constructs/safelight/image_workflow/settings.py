"""The settings of a workflow's steps, and their validation."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from aws_cdk import Duration, aws_dynamodb, aws_events, aws_s3

from safelight.image_workflow.cache_control import CacheControl
from safelight.image_workflow.on_reject import OnReject
from safelight_contracts.detectors import Detector
from safelight_contracts.development import Development
from safelight_contracts.image_types import ImageType
from safelight_contracts.keys import ATTEMPT_DIGITS, MAX_KEY_BYTES, MAX_UPLOAD_KEY_BYTES
from safelight_contracts.limits import Limits
from safelight_contracts.renditions import DEFAULT_RENDITIONS, Rendition, renditions_to_json

# What the upload's key, a slash and the attempt leave for the prefix, a slash, the name, a dot and the extension.
_ROOM_FOR_RENDITION = MAX_KEY_BYTES - MAX_UPLOAD_KEY_BYTES - len("/") - ATTEMPT_DIGITS
_LONGEST_EXTENSION = len("webp")

_LONGEST_KEPT = Duration.days(365)

# They travel to the function in its environment, which has 4 KB, and take 110 bytes each or more.
_MAX_RENDITIONS = 25
_MAX_BYTES_OF_RENDITIONS = 3400


@dataclass(frozen=True, kw_only=True)
class StepSettings:
    """The settings of the steps, and the resources that they use.

    ``detections`` are the calls of Rekognition that find what routes cover before renditions are made.
    ``analysis_bucket`` and ``quarantine_bucket`` are ``None`` in a workflow without the steps that use them, and
    ``development`` if the user gives none.
    """

    workflow_id: str
    version: str
    is_express: bool
    min_pixels: int
    allowed_types: tuple[ImageType, ...]
    min_confidence: float | None
    limits: Limits
    development: Development | None
    renditions: tuple[Rendition, ...]
    upload_bucket: aws_s3.IBucket
    key_prefix: str
    key_suffixes: tuple[str, ...]
    published_bucket: aws_s3.IBucket
    published_prefix: str
    keep_replaced: Duration
    cache_control: CacheControl
    records: aws_dynamodb.ITable
    event_bus: aws_events.IEventBus
    analysis_bucket: aws_s3.IBucket | None
    detector: Detector
    on_reject: OnReject
    quarantine_bucket: aws_s3.IBucket | None
    detections: frozenset[str]


def validate_keep_replaced(keep_replaced: Duration | None) -> Duration:
    """Return how long replaced renditions stay, one day by default. Raises ValueError if it is more than a year."""
    kept = Duration.days(1) if keep_replaced is None else keep_replaced
    if kept.to_seconds(integral=False) > _LONGEST_KEPT.to_seconds():
        raise ValueError(f"keep_replaced is {kept.to_human_string()}. Use at most one year.")
    return kept


def validate_min_pixels(min_pixels: int) -> int:
    """Return the smallest side in pixels. Raises ValueError if it is below 1."""
    if min_pixels < 1:
        raise ValueError(f"min_pixels={min_pixels} must be at least 1. It is the smallest side in pixels.")
    return min_pixels


def validate_types(allowed_types: Iterable[ImageType]) -> tuple[ImageType, ...]:
    """Return the accepted types. Raises ValueError if there are none."""
    types = tuple(allowed_types)
    if not types:
        raise ValueError("allowed_types is empty, so every upload would be rejected. Add a type, or omit it.")
    return types


def validate_renditions(renditions: Sequence[Rendition] | None, *, published_prefix: str) -> tuple[Rendition, ...]:
    """Return the renditions, by default ``DEFAULT_RENDITIONS``.

    Raises
    ------
    ValueError
        If there are none or more than 25, they do not fit a function's environment, two have the same name and type, or
        a key could be too long for S3.
    """
    checked = DEFAULT_RENDITIONS if renditions is None else tuple(renditions)
    if not checked:
        raise ValueError("renditions is empty, so nothing would be published. Add one, or omit it.")
    if len(checked) > _MAX_RENDITIONS:
        raise ValueError(f"renditions has {len(checked)} entries. The maximum is {_MAX_RENDITIONS}.")
    size = len(renditions_to_json(checked))
    if size > _MAX_BYTES_OF_RENDITIONS:
        raise ValueError(
            f"renditions take {size} bytes of a function's environment, which has {_MAX_BYTES_OF_RENDITIONS} for them. "
            "Use fewer renditions, or omit arguments that equal the default."
        )
    objects = [(rendition.name, rendition.type) for rendition in checked]
    for name, image_type in objects:
        if objects.count((name, image_type)) > 1:
            raise ValueError(
                f"renditions has {name!r} as {image_type.value} twice. They would overwrite each other. Rename one."
            )
        needed = len(published_prefix.encode()) + len(f"/{name}.") + _LONGEST_EXTENSION
        if needed > _ROOM_FOR_RENDITION:
            raise ValueError(
                f"published_prefix and rendition name {name!r} take {needed} bytes of a key. A key has room for "
                f"{_ROOM_FOR_RENDITION} besides the {MAX_UPLOAD_KEY_BYTES} of the upload's key. Shorten one of them."
            )
    return checked
