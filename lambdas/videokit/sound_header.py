"""What a container stores of a track of sound beside its packets, without what it says of the source.

Decoders need it. The headers of Vorbis hold tags as well: titles, places and whole pictures.
"""

from av.audio.stream import AudioStream

from videokit.faults import VideoFault, VideoRejected

_VORBIS = "vorbis"
# AAC with a description of each channel, FLAC's stream info, and ALAC with its channels. Opus with 255 channels has 276
# bytes (RFC 7845, section 5.1), and no other codec needs as much.
_MAX_BYTES = {"aac": 64, "flac": 34, "alac": 64}
_MAX_OTHER_BYTES = 276
# Vorbis I specification, 4.2.2. Encoders write setup headers of 3 to 8 KB.
_IDENTIFICATION_BYTES = 30
_MAX_SETUP_BYTES = 16_384

_HEADERS = 3
_COMMENT = b"\x03vorbis"
# No vendor, no comments, and the framing bit. See "comment header" in the Vorbis I specification, section 5.
_NO_COMMENTS = _COMMENT + bytes(4) + bytes(4) + b"\x01"
_LACE = 255


def header_of_sound(stream: AudioStream) -> bytes | None:
    """Return what decoders need, or None if they need nothing.

    Raises
    ------
    VideoRejected
        UNSUPPORTED_SOUND, if the headers of Vorbis cannot be read, or those of another codec are so long that they hold
        something else.
    """
    codec, header = stream.codec_context.name, stream.codec_context.extradata
    if header is None:
        return None
    if codec == _VORBIS:
        return without_comments(header)
    if len(header) > _MAX_BYTES.get(codec, _MAX_OTHER_BYTES):
        raise VideoRejected(VideoFault.UNSUPPORTED_SOUND, detail={"codec": codec, "header_bytes": len(header)})
    return header


def without_comments(extradata: bytes) -> bytes:
    """Replace the comment header by an empty one.

    `extradata`: the three headers as Matroska and FFmpeg store them: their number less one, the lengths of the first
    two, and the headers.

    Raises
    ------
    VideoRejected
        UNSUPPORTED_SOUND, if these are not three headers, or they hold something else.
    """
    first, second, setup = _headers(extradata)
    is_known = len(first) == _IDENTIFICATION_BYTES and second.startswith(_COMMENT) and len(setup) <= _MAX_SETUP_BYTES
    if not is_known:
        raise _unsupported()
    return bytes([_HEADERS - 1]) + _laced(len(first)) + _laced(len(_NO_COMMENTS)) + first + _NO_COMMENTS + setup


def _headers(extradata: bytes) -> tuple[bytes, bytes, bytes]:
    if extradata[:1] != bytes([_HEADERS - 1]):
        raise _unsupported()
    at, lengths = 1, []
    for _ in range(_HEADERS - 1):
        length = 0
        while extradata[at : at + 1] == bytes([_LACE]):
            length, at = length + _LACE, at + 1
        if at >= len(extradata):
            raise _unsupported()
        lengths.append(length + extradata[at])
        at += 1
    first, second = lengths
    if at + first + second > len(extradata):
        raise _unsupported()
    return extradata[at : at + first], extradata[at + first : at + first + second], extradata[at + first + second :]


def _laced(length: int) -> bytes:
    """Write a length as Xiph does: bytes of 255, and the rest."""
    return bytes([_LACE]) * (length // _LACE) + bytes([length % _LACE])


def _unsupported() -> VideoRejected:
    return VideoRejected(VideoFault.UNSUPPORTED_SOUND, detail={"codec": _VORBIS})
