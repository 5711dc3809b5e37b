"""Messages that a decoder prints about a broken file and reports in no other way."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

from imagekit.rejection import unreadable

# libjpeg's messages (jerror.h). It prints the first one for each image.
_OF_MISSING_DATA = (b"Corrupt JPEG data", b"Premature end of JPEG file")
_MAX_BYTES = 1024 * 1024
_STANDARD_ERROR = 2


@contextmanager
def rejecting_broken_jpeg() -> Iterator[None]:
    """Read what libjpeg prints to standard error, and reject the image if it says that data is missing.

    Standard error belongs to the whole process, so anything else printed at that time is lost.

    Raises ImageRejected: `UNREADABLE_IMAGE`.
    """
    with tempfile.TemporaryFile() as printed:
        kept = os.dup(_STANDARD_ERROR)
        try:
            os.dup2(printed.fileno(), _STANDARD_ERROR)
            try:
                yield
            finally:
                os.dup2(kept, _STANDARD_ERROR)
        finally:
            os.close(kept)
        printed.seek(0)
        messages = printed.read(_MAX_BYTES)
    if any(message in messages for message in _OF_MISSING_DATA):
        raise unreadable("a JPEG without all of its data")
