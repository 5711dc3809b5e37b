"""Open containers, and find the picture in them."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import cast

import av
from av.codec.context import Flags
from av.container import InputContainer
from av.stream import Discard, Stream
from av.video.stream import VideoStream

from videokit.faults import ChunkMismatchError, VideoFault, VideoRejected
from videokit.info import Container
from videokit.parts import Partial, PartialReader, RecordingReader, Source

# FFmpeg's demuxers and their options. No file may name another one: not as a playlist, not as a data reference.
_ALONE = {"protocol_whitelist": "file"}
_DEMUXERS = {
    Container.MP4: ("mov", _ALONE | {"enable_drefs": "0"}),
    Container.MOV: ("mov", _ALONE | {"enable_drefs": "0"}),
    Container.MKV: ("matroska", _ALONE),
}
# The types of boxes that files begin with.
_BOXES = {b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip"}
_NO_OPTIONS: Mapping[str, str] = MappingProxyType({})
_EBML = b"\x1a\x45\xdf\xa3"


def container_of(path: Path) -> Container:
    """Recognise the container by the first bytes of a file.

    Raises
    ------
    VideoRejected
        UNSUPPORTED_CONTAINER, if it is neither MP4, MOV nor Matroska.
    """
    with path.open("rb") as file:
        start = file.read(12)
    if start[:4] == _EBML:
        return Container.MKV
    if start[4:8] in _BOXES:
        # QuickTime files either have the brand "qt  " or no file type box at all.
        return Container.MP4 if start[4:8] == b"ftyp" and start[8:12] != b"qt  " else Container.MOV
    raise VideoRejected(VideoFault.UNSUPPORTED_CONTAINER)


@contextmanager
def opened(source: Source, *, options: Mapping[str, str] = _NO_OPTIONS) -> Iterator[InputContainer]:
    """Open a video for reading, with the demuxer of its container only, and no other file.

    `options`: more options of the demuxer. Default: none.

    Raises
    ------
    VideoRejected
        UNSUPPORTED_CONTAINER, or NOT_A_VIDEO if it cannot be read.
    ChunkMismatchError
        If a part is read that is not here. It is raised at the latest when the video is closed, whatever else happened.
    """
    if not isinstance(source, Partial):
        with _container(str(source), kind=container_of(source), options=options) as container:
            yield container
        return
    reader = PartialReader(source)
    try:
        with _container(reader, kind=container_of(source.path), options=options) as container:
            yield container
    except Exception as error:
        _validate_present(reader, cause=error)
        raise
    finally:
        reader.close()
    _validate_present(reader, cause=None)


@contextmanager
def recorded(path: Path) -> Iterator[tuple[InputContainer, RecordingReader]]:
    """Open a video as `opened` opens parts of it, and note what is read."""
    reader = RecordingReader(path)
    try:
        with _container(reader, kind=container_of(path), options=_NO_OPTIONS) as container:
            yield container, reader
    finally:
        reader.close()


@contextmanager
def _container(
    file: str | RecordingReader | PartialReader, *, kind: Container, options: Mapping[str, str]
) -> Iterator[InputContainer]:
    demuxer, safe = _DEMUXERS[kind]
    try:
        # Tags can have any encoding. None of them is read.
        container = av.open(file, "r", format=demuxer, options={**options, **safe}, metadata_errors="replace")
    except (av.FFmpegError, ValueError) as error:
        raise VideoRejected(VideoFault.NOT_A_VIDEO) from error
    with container:
        yield container


def _validate_present(reader: PartialReader, *, cause: Exception | None) -> None:
    if reader.missed is not None:
        raise ChunkMismatchError(f"Byte {reader.missed} was read, which is not here.") from cause


def pass_over_others(container: InputContainer, *, kept: Stream | None) -> None:
    """Let the demuxer pass over all streams but one, without reading them."""
    for stream in container.streams:
        if stream is not kept:
            stream.discard = Discard.all


def has_edits(container: InputContainer) -> bool:
    """Decide whether a container can have edit lists, so that a time before 0 is hidden.

    Of a film in fragments, FFmpeg moves such times before 0 and hides nothing.
    """
    return "matroska" not in container.format.name


def picture_of(container: InputContainer) -> VideoStream:
    """Return the stream with the moving picture. Cover art and thumbnails are none.

    Its decoder cuts off all that the bit stream says, which it otherwise does not on the left, to align memory.

    Raises
    ------
    VideoRejected
        NOT_A_VIDEO, if there is none.
    """
    moving = [it for it in container.streams.video if not it.disposition & _STILL]
    if not moving:
        raise VideoRejected(VideoFault.NOT_A_VIDEO)
    picture = next((it for it in moving if it.disposition & av.stream.Disposition.default), moving[0])
    # PyAV's types do not say that an unknown codec has no context.
    if cast("object | None", picture.codec_context) is not None:
        picture.codec_context.flags |= Flags.unaligned
    return picture


_STILL = av.stream.Disposition.attached_pic | av.stream.Disposition.timed_thumbnails | av.stream.Disposition.still_image
