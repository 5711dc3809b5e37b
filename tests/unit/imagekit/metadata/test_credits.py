"""Artist and copyright, as EXIF data has them."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.pictures import encoded, four_corners
from tests.unit.raw_pictures import ASCII, LONG, SHORT, Tag, tag, text, tiff

from imagekit.formats.inspection import inspect_header
from imagekit.metadata.credits import read_credits
from imagekit.metadata.exif import PhotoMetadata, read_photo_metadata
from imagekit.metadata.exif_data import read_exif
from imagekit.metadata.ifd import read_ifd
from imagekit.source import MAX_FETCHES, BytesSource, FetchedSource
from safelight_contracts.renditions import Metadata

ARTIST, COPYRIGHT = 315, 33432
BOTH = (text(ARTIST, "Zoë Example"), text(COPYRIGHT, "© 2026 Zoë Example"))
READ = {Metadata.ARTIST: "Zoë Example", Metadata.COPYRIGHT: "© 2026 Zoë Example"}
PIXELS = (tag(256, LONG, 37), tag(257, LONG, 21), tag(258, SHORT, 8, 8, 8))


SENSOR = (tag(254, LONG, 0), tag(256, LONG, 6048), tag(257, LONG, 4024), tag(258, SHORT, 14), tag(262, SHORT, 32803))


def stored(number: int, content: bytes) -> Tag:
    return tag(number, ASCII, *content)


def credits_of(*tags: Tag) -> dict[Metadata, str]:
    return read_credits(read_ifd(BytesSource(tiff(*tags))))


def metadata_of(data: bytes) -> PhotoMetadata:
    metadata = inspect_header(BytesSource(data)).photo_metadata
    assert metadata is not None
    return metadata


def with_credits(image_type: str) -> bytes:
    return encoded(four_corners(37, 21), image_type, exif=b"Exif\0\0" + tiff(*BOTH))


@pytest.mark.parametrize("image_type", ["JPEG", "PNG", "WEBP", "AVIF"])
def test_the_credits_of_an_image_are_read(image_type: str) -> None:
    assert metadata_of(with_credits(image_type)).credits == READ


@pytest.mark.parametrize("pixels", [PIXELS, SENSOR], ids=["TIFF", "camera raw"])
def test_the_credits_of_a_file_that_is_a_directory_are_read(pixels: tuple[Tag, ...]) -> None:
    assert metadata_of(tiff(*pixels, *BOTH)).credits == READ


def test_a_missing_or_empty_text_is_left_out() -> None:
    assert credits_of() == {}
    assert credits_of(text(ARTIST, ""), text(COPYRIGHT, "   ")) == {}
    assert credits_of(stored(COPYRIGHT, b" \0\0")) == {}
    assert credits_of(tag(ARTIST, SHORT, 65, 66), text(COPYRIGHT, "mine")) == {Metadata.COPYRIGHT: "mine"}
    assert read_credits(None) == {}


@pytest.mark.parametrize(
    ("content", "read"),
    [
        (b"photographer\0", "photographer"),
        (b"photographer\0editor\0", "photographer\0editor"),
        # EXIF's way to give the notice of the editor alone.
        (b" \0editor\0", " \0editor"),
        (b"photographer\0editor\0the rest of an older text\0", "photographer\0editor"),
        (b"photographer", "photographer"),
    ],
)
def test_the_notices_of_photographer_and_editor_are_read_as_stored(content: bytes, read: str) -> None:
    assert credits_of(stored(COPYRIGHT, content)) == {Metadata.COPYRIGHT: read}


def test_an_artist_ends_at_the_first_zero() -> None:
    assert credits_of(stored(ARTIST, b"Jo\0an older text\0")) == {Metadata.ARTIST: "Jo"}


@pytest.mark.parametrize("encoding", ["utf-8", "windows-1252"])
def test_both_common_encodings_are_read(encoding: str) -> None:
    assert credits_of(stored(COPYRIGHT, "© Zoë\0".encode(encoding))) == {Metadata.COPYRIGHT: "© Zoë"}


def test_characters_that_cannot_be_printed_are_dropped() -> None:
    assert credits_of(stored(ARTIST, b"J\x1b[31mo\r\n\0")) == {Metadata.ARTIST: "J[31mo"}


@pytest.mark.parametrize("letter", ["a", "ë", "鏡"])
def test_a_long_text_is_cut_after_a_whole_character(letter: str) -> None:
    read = credits_of(text(ARTIST, letter * 5000))[Metadata.ARTIST]
    assert set(read) == {letter}
    assert 1020 < len(read.encode()) <= 1024


@given(st.binary(max_size=1500))
def test_any_bytes_give_bounded_printable_texts(content: bytes) -> None:
    for read in credits_of(stored(ARTIST, content), stored(COPYRIGHT, content)).values():
        assert len(read) <= 1024
        assert all(letter.isprintable() or letter == "\0" for letter in read)
        assert read.count("\0") <= 1


@pytest.mark.parametrize("values", [0, 5, 0xFFFFFFFF])
def test_a_text_beyond_the_end_of_the_data_is_left_out(values: int) -> None:
    entry = struct.pack("<HHII", ARTIST, ASCII, values, 0xFFFFFFF0)
    exif = b"II*\0" + struct.pack("<IH", 8, 1) + entry + bytes(4)
    assert read_credits(read_ifd(BytesSource(exif))) == {}


def test_credits_that_need_too_many_requests_leave_the_other_metadata() -> None:
    exif = tiff(text(271, "Canon"), text(ARTIST, "Zoë Example"))
    far = 20_000_000
    here = struct.pack("<I", exif.index("Zoë".encode()))
    file = exif.replace(here, struct.pack("<I", far)).ljust(far, b"\0") + "Zoë Example\0".encode()
    source = FetchedSource(lambda offset, length: file[offset : offset + length], size=len(file))
    source.fetches = MAX_FETCHES - 1
    metadata = read_photo_metadata(read_exif(source))
    assert metadata is not None
    assert (metadata.camera, metadata.credits) == ("Canon", {})


def test_the_repr_does_not_show_credits() -> None:
    header = inspect_header(BytesSource(with_credits("JPEG")))
    assert "Example" not in f"{header!r} {header.photo_metadata!r}"


def test_a_record_holds_no_credits() -> None:
    assert metadata_of(with_credits("JPEG")).as_json() == {}
