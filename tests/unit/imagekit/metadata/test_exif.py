import math
import struct
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import ExifTags, Image
from tests.unit.pictures import encoded, four_corners, heic
from tests.unit.raw_pictures import ASCII, BYTE, LONG, RATIONAL, SHORT, Tag, directory, tag, text, tiff

from imagekit.formats.header import Header
from imagekit.formats.inspection import inspect_header
from imagekit.metadata.exif import PhotoMetadata, read_photo_metadata
from imagekit.metadata.exif_data import read_exif
from imagekit.rejection import ImageRejected
from imagekit.source import MAX_FETCHED_BYTES, MAX_FETCHES, BytesSource, FetchedSource

WITH_EXIF = ["JPEG", "PNG", "WEBP", "AVIF"]
CAMERA = (text(271, "NIKON CORPORATION"), text(272, "NIKON Z 6"))
TAKEN = (text(36867, "2024:05:01 12:34:56"), text(36881, "+02:00"))
EXPOSURE = (tag(33434, RATIONAL, 0.004), tag(33437, RATIONAL, 2.8), tag(34855, SHORT, 400), tag(37386, RATIONAL, 50))
LENS = text(42036, "NIKKOR Z 50mm f/1.8 S")
SYDNEY = (
    *(text(1, "S"), tag(2, RATIONAL, 33, 51, 31.2), text(3, "E"), tag(4, RATIONAL, 151, 12, 30)),
    *(tag(5, BYTE, 0), tag(6, RATIONAL, 12.5)),
)
ALL_TOLD = {
    "takenAt": "2024-05-01T12:34:56+02:00",
    "camera": "NIKON Z 6",
    "lens": "NIKKOR Z 50mm f/1.8 S",
    "exposureSeconds": 0.004,
    "fNumber": 2.8,
    "iso": 400,
    "focalLengthMm": 50.0,
    "position": {"latitude": -33.8586667, "longitude": 151.2083333, "altitude": 12.5},
}
SENSOR = (tag(254, LONG, 0), tag(256, LONG, 6048), tag(257, LONG, 4024), tag(258, SHORT, 14), tag(262, SHORT, 32803))
PIXELS = (tag(256, LONG, 37), tag(257, LONG, 21), tag(258, SHORT, 8, 8, 8))


def exif_data(
    *image: Tag,
    exif: tuple[Tag, ...] = (),
    position: tuple[Tag, ...] = (),
    start: bytes = b"II*\0",
    mark: bytes = b"",
) -> bytes:
    """Make a TIFF structure of the three directories that facts are read from."""

    def first(exif_at: int, position_at: int) -> bytes:
        pointers = tag(34665, LONG, exif_at), tag(34853, LONG, position_at)
        return tiff(*image, *pointers, start=start, mark=mark)

    exif_at = len(first(0, 0))
    position_at = exif_at + len(directory(*exif, at=exif_at))
    return first(exif_at, position_at) + directory(*exif, at=exif_at) + directory(*position, at=position_at)


TELLING = exif_data(*CAMERA, exif=(*TAKEN, *EXPOSURE, LENS), position=SYDNEY)


def told(exif: bytes) -> dict[str, Any]:
    facts = read_photo_metadata(read_exif(BytesSource(exif)))
    return {} if facts is None else facts.as_json()


def header_of(data: bytes) -> Header:
    return inspect_header(BytesSource(data))


def facts_of(data: bytes) -> dict[str, Any]:
    facts = header_of(data).photo_metadata
    return {} if facts is None else facts.as_json()


def box(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", 8 + len(content)) + kind + content


def heic_with(exif: bytes) -> bytes:
    """Make a HEIC whose EXIF item stands at the end of the file."""
    data = heic("orientation_6")
    item = data.rindex(b"Exif\0\0") - 4
    at = data.index(struct.pack(">I", item))
    # Its place: base offset, number of parts, offset of the part, length.
    place = struct.pack(">IHII", len(data), 1, 0, 10 + len(exif))
    return data[:at] + place + data[at + len(place) :] + struct.pack(">I", 6) + b"Exif\0\0" + exif


def cr3_with(*image: Tag, exif: tuple[Tag, ...], position: tuple[Tag, ...]) -> bytes:
    parts = {b"CMT1": tiff(*image), b"CMT2": tiff(*exif), b"CMT3": tiff(), b"CMT4": tiff(*position)}
    metadata = bytes.fromhex("85c0b687820f11e08111f4ce462b6a48") + b"".join(box(*part) for part in parts.items())
    return box(b"ftyp", b"crx \0\0\0\1crx isom") + box(b"moov", box(b"uuid", metadata)) + box(b"mdat", bytes(100))


def raf_with(exif: bytes) -> bytes:
    preview = encoded(four_corners(24, 16), "JPEG", exif=b"Exif\0\0" + exif)
    records = struct.pack(">IHHHH", 1, 0x111, 4, 4000, 6000)
    head = b"FUJIFILMCCD-RAW ".ljust(84, b"0")
    return head + struct.pack(">IIII", 112, len(preview), 100, len(records)) + records + preview


@pytest.mark.parametrize("image_type", WITH_EXIF)
def test_every_fact_is_read(image_type: str) -> None:
    assert facts_of(encoded(four_corners(37, 21), image_type, exif=b"Exif\0\0" + TELLING)) == ALL_TOLD


def test_facts_that_another_writer_wrote_are_read() -> None:
    exif = Image.Exif()
    exif[ExifTags.Base.Make] = "Canon"
    exif[ExifTags.Base.Model] = "Canon EOS R5"
    exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.ExposureTime] = 0.008
    assert facts_of(encoded(four_corners(37, 21), "JPEG", exif=exif)) == {
        "camera": "Canon EOS R5",
        "exposureSeconds": 0.008,
    }


EXIF_TAGS = (*TAKEN, *EXPOSURE, LENS)
FILES: dict[str, Callable[[], bytes]] = {
    "HEIC": lambda: heic_with(TELLING),
    "TIFF": lambda: exif_data(*PIXELS, *CAMERA, exif=EXIF_TAGS, position=SYDNEY),
    "NEF, ARW and DNG": lambda: exif_data(*SENSOR, *CAMERA, exif=EXIF_TAGS, position=SYDNEY),
    "CR2": lambda: exif_data(
        *CAMERA,
        exif=(*EXIF_TAGS, tag(40962, LONG, 5472), tag(40963, LONG, 3648)),
        position=SYDNEY,
        mark=b"CR\2\0\0\0\0\0",
    ),
    "CR3": lambda: cr3_with(tag(256, SHORT, 6000), tag(257, SHORT, 4000), *CAMERA, exif=EXIF_TAGS, position=SYDNEY),
    "ORF": lambda: exif_data(
        *CAMERA,
        exif=(*EXIF_TAGS, tag(40962, LONG, 5472), tag(40963, LONG, 3648)),
        position=SYDNEY,
        start=b"IIRO",
    ),
    "RW2": lambda: exif_data(
        tag(6, SHORT, 3472), tag(7, SHORT, 4620), *CAMERA, exif=EXIF_TAGS, position=SYDNEY, start=b"IIU\0"
    ),
    "RAF": lambda: raf_with(TELLING),
}


@pytest.mark.parametrize("name", FILES)
def test_every_fact_is_read_from_other_layouts(name: str) -> None:
    assert facts_of(FILES[name]()) == ALL_TOLD


def test_big_endian_facts_are_read() -> None:
    camera = b"ACME\0"
    first = struct.pack(">HHHII", 1, 271, ASCII, len(camera), 26) + bytes(4)
    assert told(b"MM\0*" + struct.pack(">I", 8) + first + camera) == {"camera": "ACME"}


@pytest.mark.parametrize(
    ("make", "model", "camera"),
    [
        ("NIKON CORPORATION", "NIKON Z 6", "NIKON Z 6"),
        ("Apple", "iPhone 15 Pro", "Apple iPhone 15 Pro"),
        ("SONY", "", "SONY"),
        ("", "X100V", "X100V"),
        ("A" * 200, "B", "A" * 64),
        ("  Leica\x01\x7f ", "Q3\x1b[31m", "Leica Q3[31m"),
    ],
)
def test_a_camera_is_named_once_and_in_bounded_plain_letters(make: str, model: str, camera: str) -> None:
    assert told(exif_data(text(271, make), text(272, model))) == {"camera": camera}


def test_without_an_offset_from_utc_the_time_is_local() -> None:
    assert told(exif_data(exif=TAKEN[:1])) == {"takenAt": "2024-05-01T12:34:56"}


def test_the_time_of_change_is_used_if_the_time_of_taking_is_missing() -> None:
    assert told(exif_data(text(306, "2024:05:01 10:00:00"))) == {"takenAt": "2024-05-01T10:00:00"}


@pytest.mark.parametrize("time", ["0000:00:00 00:00:00", "    :  :     :  :  ", "2024:02:30 10:00:00", "yesterday", ""])
def test_an_impossible_time_is_a_missing_fact(time: str) -> None:
    assert told(exif_data(exif=(text(36867, time),))) == {}


def test_a_sensitivity_too_high_for_its_tag_is_read_from_the_longer_one() -> None:
    assert told(exif_data(exif=(tag(34855, SHORT, 65535), tag(34866, LONG, 102400)))) == {"iso": 102400}


@pytest.mark.parametrize(("side", "altitude"), [(0, 12.5), (1, -12.5), (2, 12.5), (3, -12.5)])
def test_an_altitude_is_negative_below_sea_level_or_the_ellipsoid(side: int, altitude: float) -> None:
    position = (*SYDNEY[:4], tag(5, BYTE, side), SYDNEY[5])
    assert told(exif_data(position=position))["position"]["altitude"] == altitude


def test_a_position_in_degrees_and_minutes_is_converted_to_decimal() -> None:
    position = (text(1, "N"), tag(2, RATIONAL, 52, 31.5), text(3, "W"), tag(4, RATIONAL, 13.25))
    assert told(exif_data(position=position)) == {"position": {"latitude": 52.525, "longitude": -13.25}}


@pytest.mark.parametrize(
    "position",
    [
        (*SYDNEY[:3],),
        (*SYDNEY[1:],),
        (text(1, "N"), tag(2, RATIONAL, 91), *SYDNEY[2:]),
        (text(1, "Q"), *SYDNEY[1:]),
        (text(1, "S"), tag(2, ASCII, 51, 0), *SYDNEY[2:]),
    ],
    ids=["no longitude", "no side", "beyond the pole", "no such side", "words"],
)
def test_half_a_position_is_ignored(position: tuple[Tag, ...]) -> None:
    assert told(exif_data(position=position)) == {}


@settings(deadline=None)
@given(st.floats(-90, 90), st.floats(-180, 180))
def test_a_position_is_within_a_metre_of_what_was_written(latitude: float, longitude: float) -> None:
    def parts(degrees: float) -> tuple[int, int, float]:
        minutes, seconds = divmod(abs(degrees) * 3600, 60)
        return int(minutes) // 60, int(minutes) % 60, seconds

    sides = text(1, "S" if latitude < 0 else "N"), text(3, "W" if longitude < 0 else "E")
    exif = exif_data(
        position=(sides[0], tag(2, RATIONAL, *parts(latitude)), sides[1], tag(4, RATIONAL, *parts(longitude)))
    )
    position = told(exif)["position"]
    assert position["latitude"] == pytest.approx(latitude, abs=1e-6)
    assert position["longitude"] == pytest.approx(longitude, abs=1e-6)


def test_a_fraction_over_zero_is_a_missing_fact() -> None:
    data = bytearray(exif_data(exif=(tag(33434, RATIONAL, 0.004), tag(33437, RATIONAL, 2.8))))
    at = data.index(struct.pack("<II", 40, 10_000))
    data[at + 4 : at + 8] = bytes(4)
    assert told(bytes(data)) == {"fNumber": 2.8}


def test_an_image_without_exif_data_has_no_facts() -> None:
    assert header_of(encoded(four_corners(37, 21), "JPEG")).photo_metadata is None


def test_exif_data_without_facts_is_none() -> None:
    assert read_photo_metadata(read_exif(BytesSource(exif_data(text(270, "a description"))))) is None


def test_the_repr_does_not_show_facts() -> None:
    header = header_of(encoded(four_corners(37, 21), "JPEG", exif=b"Exif\0\0" + TELLING))
    assert header.photo_metadata is not None
    shown = f"{header!r} {header.photo_metadata!r} {header.photo_metadata.position!r}"
    assert not any(private in shown for private in ("33.85", "2024", "NIKON"))


class RecordingSource(BytesSource):
    """Bytes in memory, and what was read of them."""

    def __init__(self, data: bytes) -> None:
        super().__init__(data)
        self.reads: list[tuple[int, int]] = []

    def read_at(self, offset: int, length: int) -> bytes:
        self.reads.append((offset, length))
        return super().read_at(offset, length)


@pytest.mark.parametrize("image_type", WITH_EXIF)
def test_the_entries_of_each_directory_are_read_once(image_type: str) -> None:
    data = encoded(four_corners(37, 21), image_type, exif=b"Exif\0\0" + TELLING)
    source = RecordingSource(data)
    assert inspect_header(source).photo_metadata is not None
    exif = data.index(TELLING)
    of_directories = [(at, length) for at, length in source.reads if at >= exif and length and length % 12 == 0]
    # The first directory, EXIF's own and GPS's.
    assert len(of_directories) == len(set(of_directories)) >= 3


def pointing(*tags: tuple[int, int, int, int]) -> bytes:
    """Make a directory of entries that say what they like."""
    entries = b"".join(struct.pack("<HHII", *one) for one in tags)
    return b"II*\0" + struct.pack("<IH", 8, len(tags)) + entries + bytes(4)


@pytest.mark.parametrize(
    "hostile",
    [
        pointing((34665, 4, 1, 8), (34853, 4, 1, 8)),
        pointing((271, 2, 0xFFFFFFFF, 8), (272, 2, 0xFFFFFFFF, 0xFFFFFFF0)),
        pointing((306, 2, 20, 0xFFFFFFFF), (34665, 4, 1, 0xFFFFFFFF), (34853, 4, 1, 0xFFFFFFFF)),
        pointing((34665, 5, 1, 8), (34853, 10, 1, 8), (271, 12, 1, 8)),
        pointing((34665, 4, 0, 8), (34853, 12, 1, 0)),
        b"II*\0" + struct.pack("<IH", 8, 0xFFFF),
        b"II*\0\xff\xff\xff\xff",
        b"II",
        b"",
    ],
    ids=["itself", "huge counts", "far offsets", "fractions", "nothing", "many entries", "far", "short", "empty"],
)
def test_hostile_exif_data_gives_no_facts_and_leaves_the_image_readable(hostile: bytes) -> None:
    assert read_photo_metadata(read_exif(BytesSource(hostile))) is None
    header = header_of(encoded(four_corners(37, 21), "JPEG", exif=b"Exif\0\0" + hostile))
    assert (header.width, header.height, header.photo_metadata) == (37, 21, None)


def test_exif_data_does_not_reach_beyond_its_own_part_of_the_file() -> None:
    data = encoded(four_corners(37, 21), "JPEG", exif=b"Exif\0\0" + pointing((271, 2, 40, 200)), comment=b"A" * 500)
    assert header_of(data).photo_metadata is None


def test_an_image_with_scattered_exif_data_stays_readable() -> None:
    size = 60_000_000
    places = [size // 8 * place for place in range(1, 7)]
    start = tiff(*PIXELS, tag(271, LONG, 0), tag(34665, LONG, places[0]), tag(34853, LONG, places[1]))
    fetches = []

    def fetch(offset: int, length: int) -> bytes:
        fetches.append(length)
        far = struct.pack("<HHHII", 1, 36867, ASCII, 20, places[2])
        return (start[offset:] if offset == 0 else far).ljust(length, b"\0")[:length]

    header = inspect_header(FetchedSource(fetch, size=size))
    assert (header.width, header.photo_metadata) == (37, None)
    assert len(fetches) <= MAX_FETCHES
    assert sum(fetches) <= MAX_FETCHED_BYTES


def test_facts_of_a_usual_photograph_take_no_fetch_of_their_own() -> None:
    data = encoded(four_corners(37, 21), "JPEG", exif=b"Exif\0\0" + TELLING) + bytes(300_000)
    fetches = []

    def fetch(offset: int, length: int) -> bytes:
        fetches.append((offset, length))
        return data[offset : offset + length]

    assert inspect_header(FetchedSource(fetch, size=len(data))).photo_metadata is not None
    assert fetches == [(0, 65_536)]


def assert_bounded(facts: PhotoMetadata | None) -> None:
    if facts is None:
        return
    assert facts != PhotoMetadata()
    for fact in (facts.taken_at, facts.camera, facts.lens):
        assert fact is None or (1 <= len(fact) <= 64 and fact.isprintable())
    for measure in (facts.exposure_seconds, facts.f_number, facts.iso, facts.focal_length):
        assert measure is None or (math.isfinite(measure) and measure > 0)
    if facts.position is not None:
        assert abs(facts.position.latitude) <= 90
        assert abs(facts.position.longitude) <= 180
        assert facts.position.altitude is None or math.isfinite(facts.position.altitude)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(st.integers(0, len(TELLING) - 1), st.integers(1, 255)), max_size=12), st.floats(0, 1))
def test_broken_exif_data_gives_bounded_facts_and_no_error(flips: list[tuple[int, int]], part: float) -> None:
    data = bytearray(TELLING)
    for at, value in flips:
        data[at] ^= value
    assert_bounded(read_photo_metadata(read_exif(BytesSource(bytes(data)))))
    assert_bounded(read_photo_metadata(read_exif(BytesSource(bytes(data[: int(len(data) * part)])))))


@settings(deadline=None)
@given(st.binary(max_size=2048))
def test_any_bytes_give_bounded_facts_and_no_error(data: bytes) -> None:
    assert_bounded(read_photo_metadata(read_exif(BytesSource(b"II*\0\x08\0\0\0" + data))))


@pytest.mark.parametrize("name", FILES)
def test_a_broken_file_gives_bounded_facts_or_is_rejected(name: str) -> None:
    good = FILES[name]()

    @settings(max_examples=60, deadline=None)
    @given(st.lists(st.tuples(st.integers(0, len(good) - 1), st.integers(1, 255)), min_size=1, max_size=6))
    def flip(flips: list[tuple[int, int]]) -> None:
        data = bytearray(good)
        for at, value in flips:
            data[at] ^= value
        try:
            header = header_of(bytes(data))
        except ImageRejected:
            return
        assert_bounded(header.photo_metadata)

    flip()


def test_sub_ifds_are_read_like_pillow_reads_them() -> None:
    data = encoded(four_corners(37, 21), "JPEG", exif=b"Exif\0\0" + TELLING)
    exif = Image.open(BytesIO(data)).getexif().get_ifd(ExifTags.IFD.Exif)
    facts = header_of(data).photo_metadata
    assert facts is not None
    assert (facts.f_number, facts.iso) == (float(exif[ExifTags.Base.FNumber]), exif[ExifTags.Base.ISOSpeedRatings])
