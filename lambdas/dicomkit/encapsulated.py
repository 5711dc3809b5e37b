"""Encapsulated pixels (PS3.5, A.4): nothing but the frames, and in them nothing but the picture."""

from collections.abc import Callable, Mapping

from pydicom.encaps import encapsulate, generate_fragments, generate_frames
from pydicom.uid import (
    JPEG2000,
    JPEG2000Lossless,
    JPEGBaseline8Bit,
    JPEGExtended12Bit,
    JPEGLossless,
    JPEGLosslessSV1,
    JPEGLSLossless,
    JPEGLSNearLossless,
    RLELossless,
)

from dicomkit.jpeg_2000_streams import plain_jpeg_2000
from dicomkit.jpeg_streams import plain_jpeg
from dicomkit.layout import Layout
from dicomkit.quarantine import Quarantined, QuarantineReason
from dicomkit.rle_frames import plain_rle

_JPEG = (JPEGBaseline8Bit, JPEGExtended12Bit, JPEGLossless, JPEGLosslessSV1, JPEGLSLossless, JPEGLSNearLossless)
_JPEG_2000 = (JPEG2000, JPEG2000Lossless)
_PLAIN: Mapping[str, Callable[..., bytes]] = {
    **dict.fromkeys(_JPEG, plain_jpeg),
    **dict.fromkeys(_JPEG_2000, plain_jpeg_2000),
    RLELossless: plain_rle,
}


def shown_frames(data: bytes, *, layout: Layout, syntax: str) -> bytes:
    """Return the data without comments, application segments, and bytes that belong to no frame.

    If it has none of them, the data are the same byte for byte. The compressed pixels always are.

    Raises
    ------
    Quarantined
        `UNDECODABLE` if the data are not what the transfer syntax says, if frames are missing, or if their size is not
        that of the header. `HIDDEN_DATA` if a frame holds more than its picture.
    """
    plain = _PLAIN.get(syntax)
    if plain is None:
        raise Quarantined(QuarantineReason.UNDECODABLE)
    frames = list(generate_frames(data, number_of_frames=layout.frames))
    if len(frames) < layout.frames:
        raise Quarantined(QuarantineReason.UNDECODABLE)
    shown = [plain(frame, layout=layout) for frame in frames[: layout.frames]]
    changed = any(one != _unpadded(frame, like=one) for frame, one in zip(frames, shown, strict=False))
    if not changed and _is_tidy(data, frames=frames, wanted=layout.frames):
        return data
    return encapsulate([frame + b"\0" * (len(frame) % 2) for frame in shown])


def _unpadded(frame: bytes, *, like: bytes) -> bytes:
    return frame[:-1] if len(frame) == len(like) + 1 and frame[-1:] == b"\0" else frame


def _is_tidy(data: bytes, *, frames: list[bytes], wanted: int) -> bool:
    # One fragment a frame, an offset table that is empty or right, and nothing behind the end.
    if len(frames) != wanted or len(list(generate_fragments(data))) != wanted + 1:
        return False
    body = data.removesuffix(b"\xfe\xff\xdd\xe0\0\0\0\0")
    return body in (encapsulate(frames, has_bot=True), encapsulate(frames, has_bot=False))
