"""Make a redacted file of a file."""

from collections.abc import Sequence

from imagekit.operations.delivered import EncodedImage
from imagekit.redaction.decoded_once import decoded_once
from imagekit.redaction.output import kept_of, write
from imagekit.redaction.redact import redact_decoded
from imagekit.redaction.redacted import RedactedImage
from imagekit.redaction.single_pictures import reject_several_pictures
from safelight_contracts.development import DEFAULT_DEVELOPMENT, Development
from safelight_contracts.redaction.boxes import Box
from safelight_contracts.redaction.redact import Redact


def redact_image(
    source: EncodedImage, *, boxes: Sequence[Box], redact: Redact, development: Development = DEFAULT_DEVELOPMENT
) -> RedactedImage:
    """Cover boxes of an image, and write it in its own type: upright, in sRGB, from its pixels alone.

    Of a HEIF collection and a Multi-Picture JPEG, the picture that viewers show is kept.

    Parameters
    ----------
    source
        The file, within the limits of its header.
    boxes
        On the upright image.
    redact
        How faces are covered, and the padding. Which boxes there are says what is covered.
    development
        How to develop camera raw. Default: `DEFAULT_DEVELOPMENT`.

    Raises
    ------
    ImageRejected
        ``UNSUPPORTED_TYPE`` if the file is an animation, or a TIFF of several pages. ``UNREADABLE_IMAGE`` if the bytes
        are truncated or corrupt. ``IMAGE_TOO_LARGE`` as for `imagekit.redaction.output.write`.
    """
    reject_several_pictures(source.header)
    decoded = decoded_once(source, development=development)
    kept = kept_of(source, decoded=decoded)
    covered = redact_decoded(decoded, boxes, style=redact.style, padding=redact.padding)
    return write(covered.pixels, source=source.header.type, kept=kept)
