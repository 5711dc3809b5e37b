"""Whether a JPEG's scans hold all of their data: what libjpeg warns of, which Pillow does not pass on.

libjpeg fills what is missing with grey. Pillow's libtiff decodes with the same libjpeg and passes its warnings on, so
it is given the JPEG as the only strip of a TIFF.
"""

import ctypes
import os
import re
import struct
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from imagekit.jpeg import Frame, read_frame
from imagekit.rejection import unreadable
from imagekit.source import BytesSource

# libjpeg's messages (jerror.h): the data ended, has a code that is none, or lacks a restart interval. Bytes too many
# before a marker, of which it warns too, are found in whole photographs.
_OF_MISSING_DATA = re.compile(
    rb"premature end of data segment|bad Huffman code|instead of RST|Premature end of JPEG file"
)

_SHORT, _LONG = 3, 4
_JPEG_IN_TIFF = 7
# Grey, YCbCr and inks, by the number of components. Colours do not matter here, but YCbCr alone may be subsampled.
_PHOTOMETRIC = {1: 1, 3: 6, 4: 5}
_PLAIN = (1, 1)
# libtiff takes no more memory than 100 MB for a JPEG of several scans. The worker's own limit holds here.
_ALLOW_LARGE = "LIBTIFF_ALLOW_LARGE_LIBJPEG_MEM_ALLOC"
# It cuts off what is longer than ten times the pixels (`TIFFFillStrip`), such as an icon's megabyte of metadata.
_MOST_COMPRESSED = 10
_MAX_MESSAGE_BYTES = 256

_Handler = ctypes.CFUNCTYPE(None, ctypes.c_char_p, ctypes.c_char_p, ctypes.c_void_p)


def check_data(data: bytes) -> None:
    """Reject a JPEG of whose scans a part is missing.

    Nothing is looked at where Pillow has no libtiff of its own that can be found, nor of a JPEG that libtiff does not
    decode: one of subsampled inks, or of an icon with far more metadata than pixels.

    Parameters
    ----------
    data
        The whole JPEG.

    Raises
    ------
    ImageRejected
        `UNREADABLE_IMAGE`.
    """
    libtiff = _libtiff()
    if libtiff is None:
        return
    frame = read_frame(BytesSource(data))
    wrapped = _in_tiff(data, frame=frame)
    if wrapped is None:
        return
    with _allowing_large(), _listening(libtiff) as messages:
        _decode(libtiff, wrapped=wrapped)
    if any(_OF_MISSING_DATA.search(message) for message in messages):
        raise unreadable("a JPEG without all of its data")


@cache
def _libtiff() -> ctypes.CDLL | None:
    # Pillow's wheels bring it under a name with a hash. It is loaded already, and is not loaded again.
    try:
        found = re.search(r"/.*/libtiff[^/\n]*\.so[^/\n]*", Path("/proc/self/maps").read_text())
    except OSError:
        return None
    if found is None:
        return None
    library = ctypes.CDLL(found[0])
    library.TIFFFdOpen.restype = ctypes.c_void_p
    library.TIFFFdOpen.argtypes = [ctypes.c_int, ctypes.c_char_p, ctypes.c_char_p]
    library.TIFFStripSize.restype = ctypes.c_ssize_t
    library.TIFFStripSize.argtypes = [ctypes.c_void_p]
    library.TIFFReadEncodedStrip.restype = ctypes.c_ssize_t
    library.TIFFReadEncodedStrip.argtypes = [ctypes.c_void_p, ctypes.c_uint32, ctypes.c_void_p, ctypes.c_ssize_t]
    library.TIFFClose.restype = None
    library.TIFFClose.argtypes = [ctypes.c_void_p]
    for name in ("TIFFSetWarningHandler", "TIFFSetErrorHandler"):
        setter = getattr(library, name)
        setter.restype = ctypes.c_void_p
        setter.argtypes = [ctypes.c_void_p]
    return library


def _in_tiff(data: bytes, *, frame: Frame) -> bytes | None:
    photometric = _PHOTOMETRIC.get(len(frame.sampling))
    if photometric is None:
        return None
    samples = len(frame.sampling)
    across, down = frame.sampling[0] if samples == len("YCC") else _PLAIN
    height = frame.height
    if frame.has_several_scans:
        # All scans are read before the first row is given, so that few rows do.
        rows = 8 * down
        height = min(height, rows * (len(data) // (_MOST_COMPRESSED * frame.width * rows) + 1))
    if len(data) > _MOST_COMPRESSED * frame.width * height:
        return None
    tags = [
        (256, _LONG, 1, frame.width),
        (257, _LONG, 1, height),
        # Values of more than four bytes stand elsewhere. libtiff takes one for all samples too.
        (258, _SHORT, 1, 8),
        (259, _SHORT, 1, _JPEG_IN_TIFF),
        (262, _SHORT, 1, photometric),
        (277, _SHORT, 1, samples),
        (278, _LONG, 1, height),
        (279, _LONG, 1, len(data)),
        (530, _SHORT, 2, across | down << 16),
    ]
    strip = 8 + 2 + 12 * (len(tags) + 1) + 4
    entries = b"".join(struct.pack("<HHII", *one) for one in sorted([*tags, (273, _LONG, 1, strip)]))
    return b"II*\0" + struct.pack("<IH", 8, len(tags) + 1) + entries + bytes(4) + data


def _decode(libtiff: ctypes.CDLL, *, wrapped: bytes) -> None:
    with tempfile.TemporaryFile() as file:
        file.write(wrapped)
        file.seek(0)
        # It closes the file that it is given.
        opened = libtiff.TIFFFdOpen(os.dup(file.fileno()), b"JPEG", b"r")
        if not opened:
            return
        try:
            length = max(1, libtiff.TIFFStripSize(opened))
            libtiff.TIFFReadEncodedStrip(opened, 0, (ctypes.c_char * length)(), length)
        finally:
            libtiff.TIFFClose(opened)


@contextmanager
def _listening(libtiff: ctypes.CDLL) -> Iterator[list[bytes]]:
    heard: list[bytes] = []
    c = ctypes.CDLL(None)

    def hear(_: bytes, layout: bytes, arguments: int) -> None:
        # C passes a list of arguments as a pointer, on x86-64 and on 64-bit ARM alike.
        message = ctypes.create_string_buffer(_MAX_MESSAGE_BYTES)
        c.vsnprintf(message, ctypes.c_size_t(len(message)), ctypes.c_char_p(layout), ctypes.c_void_p(arguments))
        heard.append(message.value)

    # Kept by name, as C does not count references.
    handler = _Handler(hear)
    warned = libtiff.TIFFSetWarningHandler(ctypes.cast(handler, ctypes.c_void_p))
    failed = libtiff.TIFFSetErrorHandler(None)
    try:
        yield heard
    finally:
        libtiff.TIFFSetWarningHandler(warned)
        libtiff.TIFFSetErrorHandler(failed)


@contextmanager
def _allowing_large() -> Iterator[None]:
    before = os.environ.get(_ALLOW_LARGE)
    os.environ[_ALLOW_LARGE] = "1"
    try:
        yield
    finally:
        if before is None:
            del os.environ[_ALLOW_LARGE]
        else:
            os.environ[_ALLOW_LARGE] = before
