"""Which requests are answered: sources by list, and presets, permitted sizes or a signature."""

import re

from deliverykit.formats import TYPES
from safelight_contracts.delivery.effects import (
    BlurUnsafe,
    EnsureAlpha,
    Equalize,
    Flatten,
    Gamma,
    Grayscale,
    Linear,
    Modulate,
    Negate,
    Normalize,
    Recomb,
    RemoveAlpha,
    Threshold,
    Tint,
)
from safelight_contracts.delivery.forms import PRESET, Form
from safelight_contracts.delivery.operations import ImagePlan, Operation
from safelight_contracts.delivery.overlays import Overlay
from safelight_contracts.delivery.refusals import Refusal, RequestRefusedError
from safelight_contracts.delivery.request_urls import RequestUrl
from safelight_contracts.delivery.settings import DeliverySettings, Source
from safelight_contracts.delivery.shaping import (
    Auto,
    Crop,
    CropToFaces,
    Extend,
    Flip,
    Focus,
    Pad,
    Resize,
    Rotate,
    RoundCrop,
    Scale,
    Trim,
)

_ORIGINAL_SIZE = (Auto.RATIO, Auto.RATIO)
# What a request by size consists of. Each size has few spellings, so that all its results can be stored.
_SIZED_QUERY = frozenset({"width", "height", "fit", "format", "focus"})
_SIDE = r"(?:0|[1-9][0-9]*)?"
_SIZED_PATH = re.compile(rf"(?:fit-in/)?(?:{_SIDE}x{_SIDE}/)?(?:smart/)?(?:filters:format\((?:{'|'.join(TYPES)})\)/)?")

OPEN_OPERATIONS = (
    *(Trim, Crop, Resize, Scale, Flip, Rotate, Extend, Pad, RoundCrop),
    *(Gamma, Negate, Normalize, Equalize, Threshold, Linear, Recomb, Modulate, Tint, Grayscale),
    *(Flatten, RemoveAlpha, EnsureAlpha),
)
"""What an open delivery permits without a signature: changes of the frame, and of each pixel by itself.

Others read many pixels for each, or other files.
"""


def check_permitted(plan: ImagePlan, *, url: RequestUrl, settings: DeliverySettings) -> None:
    """Check that a request may be answered.

    Overlays come from permitted sources, whoever asks. A signed URL, and one that asks for a preset and nothing else,
    may ask for all the rest. Without one of these, nothing is permitted that Rekognition is paid for, and only
    permitted sizes in the few spellings of `_is_sized` are, unless the delivery is open. An open delivery permits each
    of `OPEN_OPERATIONS` once, and the types' own efforts.

    Parameters
    ----------
    url
        Its signature has been checked.

    Raises
    ------
    RequestRefusedError
        `NOT_PERMITTED`.
    """
    for operation in plan.operations:
        if isinstance(operation, Overlay):
            _check_overlay(operation, url=url, settings=settings)
    if url.signature is not None or _asks_for_preset_only(url):
        return
    if any(_is_paid(operation) for operation in plan.operations):
        raise _not_permitted("Faces and moderation need a signature or a preset.")
    if settings.is_open:
        _check_costs(plan)
        return
    if not _is_sized(url):
        raise _not_permitted(
            "Sign the URL. Without a signature, only a preset by itself, or a permitted size with width, height, fit, "
            "format and focus=attention, is allowed. In a path: the size, fit-in, smart and the filter format."
        )
    if not _has_permitted_size(plan, settings=settings):
        raise _not_permitted("Sign the URL, or ask for a preset or a permitted size.")


def check_source(url: RequestUrl, *, settings: DeliverySettings) -> Source:
    """Return the bucket and the prefix that a URL's picture comes from.

    Raises
    ------
    RequestRefusedError
        `NOT_PERMITTED` if it is not on the list.
    """
    return _source(bucket=bucket_of(url, settings=settings), key=url.key, settings=settings)


def _check_overlay(overlay: Overlay, *, url: RequestUrl, settings: DeliverySettings) -> None:
    bucket = bucket_of(url, settings=settings) if overlay.bucket is None else overlay.bucket
    _source(bucket=bucket, key=overlay.key, settings=settings)


def bucket_of(url: RequestUrl, *, settings: DeliverySettings) -> str:
    """Return the bucket that a URL means, permitted or not."""
    return settings.sources[0].bucket if url.bucket is None else url.bucket


def _source(*, bucket: str, key: str, settings: DeliverySettings) -> Source:
    for source in settings.sources:
        if source.bucket == bucket and key.startswith(source.prefix):
            return source
    raise _not_permitted("This delivery has no such source.")


def _check_costs(plan: ImagePlan) -> None:
    """Check that a plan costs about what a resize does."""
    kinds = [type(operation) for operation in plan.operations]
    for kind in kinds:
        if kind not in OPEN_OPERATIONS:
            raise _not_permitted(f"{kind.__name__} needs a signature, because it costs more than a resize.")
    if len(kinds) > len(set(kinds)):
        raise _not_permitted("Sign the URL, or ask for each operation once.")
    if plan.output.effort is not None:
        raise _not_permitted("Sign the URL, or leave out effort.")


def _asks_for_preset_only(url: RequestUrl) -> bool:
    return url.form is Form.QUERY and [name for name, _ in url.parameters] == [PRESET]


def _is_paid(operation: Operation) -> bool:
    if isinstance(operation, Resize):
        return operation.keep is Focus.FACES
    return isinstance(operation, (CropToFaces, BlurUnsafe))


def _is_sized(url: RequestUrl) -> bool:
    """Say whether a URL is one of the few spellings of a size."""
    match url.form:
        case Form.QUERY:
            given = dict(url.parameters)
            return given.keys() <= _SIZED_QUERY and given.get("focus", Focus.ATTENTION) == Focus.ATTENTION
        case Form.THUMBOR:
            return _SIZED_PATH.fullmatch("".join(f"{segment}/" for segment in url.segments)) is not None
        case Form.JSON:
            return False


def _has_permitted_size(plan: ImagePlan, *, settings: DeliverySettings) -> bool:
    sizes = {(one.width, one.height) for one in plan.operations if isinstance(one, Resize)} or {_ORIGINAL_SIZE}
    return sizes <= {(width or Auto.RATIO, height or Auto.RATIO) for width, height in settings.sizes}


def _not_permitted(message: str) -> RequestRefusedError:
    return RequestRefusedError(Refusal.NOT_PERMITTED, message)
