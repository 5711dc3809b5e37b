"""What is kept of a redacted photograph for its review."""

from collections.abc import Sequence

from imagekit.geometry import Size
from imagekit.redaction.pixel_boxes import pixel_box
from imagekit.redaction.redacted import RedactedImage
from safelight_contracts.redaction.boxes import Box
from safelight_contracts.redaction.redact import Redact
from safelight_contracts.redaction.reviews import PhotoBox, PhotoReview


def review_of(redacted: RedactedImage, *, boxes: Sequence[Box], redact: Redact, made_from: str) -> PhotoReview:
    """Return the pixels that were covered. A box outside of the image covered none.

    `boxes`: what was found. `redact`: how it was covered.
    """
    size = Size(width=redacted.width, height=redacted.height)
    placed = [(box, pixel_box(box, image=size, padding=redact.padding)) for box in boxes]
    return PhotoReview(
        made_from=made_from,
        width=size.width,
        height=size.height,
        boxes=[
            PhotoBox(
                kind=box.kind,
                left=place.left,
                top=place.top,
                width=place.width,
                height=place.height,
                confidence=box.confidence,
            )
            for box, place in placed
            if place is not None
        ],
    )
