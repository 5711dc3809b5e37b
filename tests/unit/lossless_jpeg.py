"""Lossless JPEG (ITU-T T.81, annex H), as DNG's tiles are coded: two components side by side, each from its left."""

import struct

import numpy as np
import numpy.typing as npt

_BITS = 16
# A code of five bits for each length that a difference may have, 0 to 16.
_LENGTHS = range(17)
_CODE_BITS = 5


def encoded(samples: npt.NDArray[np.uint16]) -> bytes:
    """Encode samples of 16 bits, of which there is an even number in a row."""
    height, width = samples.shape
    components = samples.reshape(height, width // 2, 2).astype(np.int64)
    before = np.empty_like(components)
    before[:, 1:] = components[:, :-1]
    before[1:, 0] = components[:-1, 0]
    before[0, 0] = 1 << (_BITS - 1)
    differences = ((components - before + 32_768) % 65_536 - 32_768).ravel().tolist()
    bits = "".join(_code(difference) for difference in differences)
    packed = int(bits.ljust(-(-len(bits) // 8) * 8, "1"), 2).to_bytes(-(-len(bits) // 8))
    return b"".join(
        [
            b"\xff\xd8",
            _segment(
                0xC4,
                b"\0" + bytes([0] * (_CODE_BITS - 1) + [len(_LENGTHS)] + [0] * (16 - _CODE_BITS)) + bytes(_LENGTHS),
            ),
            _segment(0xC3, struct.pack(">BHHB", _BITS, height, width // 2, 2) + b"\0\x11\0\1\x11\0"),
            _segment(0xDA, b"\2\0\0\1\0\1\0\0"),
            packed.replace(b"\xff", b"\xff\0"),
            b"\xff\xd9",
        ]
    )


def _segment(marker: int, content: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, 2 + len(content)) + content


def _code(difference: int) -> str:
    length = abs(difference).bit_length()
    code = f"{length:0{_CODE_BITS}b}"
    if length in (0, 16):
        return code
    return code + f"{difference if difference > 0 else difference + (1 << length) - 1:0{length}b}"
