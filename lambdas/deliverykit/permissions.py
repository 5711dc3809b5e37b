"""Which requests are answered: sources by list, and presets, permitted sizes or a signature."""

import re

from deliverykit.query_form import PRESET
from safelight_contracts.delivery.colors import BLACK
from safelight_contracts.delivery.effects import BlurUnsafe, Grayscale
from safelight_contracts.delivery.forms import Form
from safelight_contracts.delivery.operations import ImagePlan, Operation, Output
from safelight_contracts.delivery.overlays import Overlay
from safelight_contracts.delivery.refusals import Refusal, RequestRefusedError
from safelight_contracts.delivery.request_urls import RequestUrl
from safelight_contracts.delivery.settings import DeliverySettings, Source
from safelight_contracts.delivery.shaping import (
    Auto,
    CropToFaces,
    Flip,
    FocalPixel,
    FocalPoint,
    Focus,
    Resize,
    Rotate,
)

_QUARTER = 90
_ORIGINAL_SIZE = (Auto.RATIO, Auto.RATIO)
_PROPORTION = re.compile(r"(?:^|:)proportion\(")


def check_permitted(plan: ImagePlan, *, url: RequestUrl, settings: DeliverySettings) -> None:
    """Check that a request may be answered.

    Overlays come from permitted sources, whoever asks. A signed URL, and one that asks for a preset and nothing else,
    may ask for all the rest. Without one of these, nothing is permitted that Rekognition is paid for, and only
    permitted sizes are, unless the delivery is open.

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
        return
    if not _has_permitted_size(plan, settings=settings) or _is_multiplied(url):
        raise _not_permitted("Sign the URL, or ask for a preset or a permitted size.")


def check_source(url: RequestUrl, *, settings: DeliverySettings) -> Source:
    """Return the bucket and the prefix that a URL's picture comes from.

    Raises
    ------
    RequestRefusedError
        `NOT_PERMITTED` if it is not on the list.
    """
    return _source(bucket=_bucket_of(url, settings=settings), key=url.key, settings=settings)


def _check_overlay(overlay: Overlay, *, url: RequestUrl, settings: DeliverySettings) -> None:
    bucket = _bucket_of(url, settings=settings) if overlay.bucket is None else overlay.bucket
    _source(bucket=bucket, key=overlay.key, settings=settings)


def _bucket_of(url: RequestUrl, *, settings: DeliverySettings) -> str:
    return settings.sources[0].bucket if url.bucket is None else url.bucket


def _source(*, bucket: str, key: str, settings: DeliverySettings) -> Source:
    for source in settings.sources:
        if source.bucket == bucket and key.startswith(source.prefix):
            return source
    raise _not_permitted("This delivery has no such source.")


def _asks_for_preset_only(url: RequestUrl) -> bool:
    return url.form is Form.QUERY and [name for name, _ in url.parameters] == [PRESET]


def _is_paid(operation: Operation) -> bool:
    if isinstance(operation, Resize):
        return operation.keep is Focus.FACES
    return isinstance(operation, (CropToFaces, BlurUnsafe))


def _has_permitted_size(plan: ImagePlan, *, settings: DeliverySettings) -> bool:
    kinds = [type(operation) for operation in plan.operations]
    if len(kinds) > len(set(kinds)) or not all(map(_has_few_values, plan.operations)):
        return False
    if plan.output != Output(type=plan.output.type, animated=plan.output.animated):
        return False
    sizes = {(one.width, one.height) for one in plan.operations if isinstance(one, Resize)} or {_ORIGINAL_SIZE}
    return sizes <= {(width or Auto.RATIO, height or Auto.RATIO) for width, height in settings.sizes}


def _has_few_values(operation: Operation) -> bool:
    """Say whether an operation, but for its size, has so few values that all can be stored."""
    match operation:
        case Resize():
            return operation.background == BLACK and not isinstance(operation.keep, (FocalPoint, FocalPixel))
        case Rotate():
            return operation.degrees % _QUARTER == 0
        case Flip() | Grayscale():
            return True
        case _:
            return False


def _is_multiplied(url: RequestUrl) -> bool:
    """Say whether a URL has a size and a factor of it, because each size would have countless URLs."""
    if url.form is Form.THUMBOR:
        return any(_PROPORTION.search(segment) for segment in url.segments)
    edits = url.document.get("edits", {})
    return "ratio" in edits.get("resize", {})


def _not_permitted(message: str) -> RequestRefusedError:
    return RequestRefusedError(Refusal.NOT_PERMITTED, message)
