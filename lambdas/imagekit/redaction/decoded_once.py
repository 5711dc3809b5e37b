"""Decode an image once for the pictures of the detector and for the redacted file."""

from imagekit.decoding.decode import Decoded, decode
from imagekit.operations.delivered import EncodedImage
from safelight_contracts.development import Development

# The last image. A header can hold a dictionary, so that `functools.lru_cache` cannot find it.
_last: list[tuple[EncodedImage, Development, Decoded]] = []


def decoded_once(source: EncodedImage, *, development: Development) -> Decoded:
    """Decode an image, and keep the pixels in memory until another image is decoded.

    In the sandbox, a child handles all that is asked of one file, and ends with it.

    Raises ImageRejected as `imagekit.decoding.decode.Decoded.in_memory` does.
    """
    if not _last or _last[0][:2] != (source, development):
        _last.clear()
        decoded = decode(source.data, header=source.header, development=development).in_memory()
        _last.append((source, development, decoded))
    return _last[0][2]
