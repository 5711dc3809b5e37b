"""Leave out of a PNG the chunks that decoders discard because of a wrong checksum (PNG specification, 5.5 and 13.2).

libvips uses them, because it is told to ignore the checksums of the image data. These data have a second one, Adler-32.
"""

import zlib

from imagekit.rejection import unreadable

_SIGNATURE_BYTES = 8
_IMAGE_DATA, _END = b"IDAT", b"IEND"
# The fifth bit of a type's first letter: lower case.
_ANCILLARY = 0x20


def without_damaged_chunks(data: bytes) -> bytes:
    """Return a whole PNG without the chunks before the image data whose checksum is wrong.

    Raises ImageRejected: `UNREADABLE_IMAGE` if one of them is critical, such as the palette.
    """
    whole = memoryview(data)
    kept, start = [whole[:_SIGNATURE_BYTES]], _SIGNATURE_BYTES
    while len(head := data[start : start + 8]) == 8 and head[4:] not in (_IMAGE_DATA, _END):
        end = start + 12 + int.from_bytes(head[:4], "big")
        if zlib.crc32(whole[start + 4 : end - 4]) == int.from_bytes(whole[end - 4 : end], "big"):
            kept.append(whole[start:end])
        elif not head[4] & _ANCILLARY:
            raise unreadable("a critical chunk with a wrong checksum")
        start = end
    # A copy of the file would take time and memory.
    return data if sum(map(len, kept)) == start else b"".join((*kept, whole[start:]))
