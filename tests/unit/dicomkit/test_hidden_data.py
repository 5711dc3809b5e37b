"""Bytes and bits of a picture that no viewer shows do not pass."""

import struct
from io import BytesIO

import numpy as np
import pytest
from PIL import Image
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate, generate_frames
from pydicom.uid import ExplicitVRBigEndian, JPEG2000Lossless, JPEGBaseline8Bit, RLELossless
from tests.unit.dicomkit.dicom_files import COLUMNS, PSEUDONYMS, ROWS, ct, deidentified, file_of, pixels, read

from dicomkit.deidentify import deidentify
from dicomkit.quarantine import Quarantined, QuarantineReason
from safelight_contracts.redaction.dicom import Dates

_SECRET = b"Rotwald was here"
_GREY = Image.fromarray(np.arange(ROWS * COLUMNS, dtype=np.uint8).reshape(ROWS, COLUMNS))


def _encoded(kind: str, **options: object) -> bytes:
    file = BytesIO()
    _GREY.save(file, kind, **options)
    return file.getvalue()


_JPEG = _encoded("JPEG")
_J2K = _encoded("JPEG2000", no_jp2=True, irreversible=False)


def _compressed(*frames: bytes, behind: bytes = b"") -> Dataset:
    return ct(
        BitsAllocated=8,
        BitsStored=8,
        HighBit=7,
        NumberOfFrames=max(1, len(frames)),
        PixelData=encapsulate([frame + b"\0" * (len(frame) % 2) for frame in frames]) + behind,
    )


def _clean(dataset: Dataset, *, syntax: str) -> bytes:
    dataset["PixelData"].VR = "OB"
    dataset["PixelData"].is_undefined_length = True
    return deidentify(file_of(dataset, syntax=syntax), pseudonyms=PSEUDONYMS, dates=Dates.EMPTY).data


def _jpeg_with(segment: bytes, *, marker: int) -> bytes:
    return _JPEG[:2] + bytes((0xFF, marker)) + struct.pack(">H", len(segment) + 2) + segment + _JPEG[2:]


def _j2k_with_comment(text: bytes) -> bytes:
    at = _J2K.index(b"\xff\x90")
    return _J2K[:at] + b"\xff\x64" + struct.pack(">HH", len(text) + 4, 1) + text + _J2K[at:]


def _decoded(data: bytes) -> list[list[int]]:
    frames = generate_frames(read(data).PixelData, number_of_frames=1)
    levels: list[list[int]] = np.asarray(Image.open(BytesIO(next(frames)))).tolist()
    return levels


@pytest.mark.parametrize(
    "frame",
    [
        _jpeg_with(_SECRET, marker=0xFE),
        _jpeg_with(b"Exif\0\0" + _SECRET, marker=0xE1),
        _jpeg_with(b"JFIF\0\1\1\0\0\1\0\1\0\0" + _SECRET, marker=0xE0),
        _jpeg_with(b"Adobe\0d\0\0\0\0\0" + _SECRET, marker=0xEE),
        _JPEG + _SECRET,
    ],
)
def test_a_jpeg_stream_loses_its_segments_and_keeps_its_picture(frame: bytes) -> None:
    data = _clean(_compressed(frame), syntax=JPEGBaseline8Bit)
    assert _SECRET not in data
    assert _decoded(data) == np.asarray(Image.open(BytesIO(_JPEG))).tolist()
    assert _JPEG[_JPEG.index(b"\xff\xdb") :] in data


@pytest.mark.parametrize("frame", [_j2k_with_comment(_SECRET), _J2K + _SECRET])
def test_a_jpeg_2000_stream_loses_its_comments_and_keeps_its_picture(frame: bytes) -> None:
    data = _clean(_compressed(frame), syntax=JPEG2000Lossless)
    assert _SECRET not in data
    assert _decoded(data) == np.asarray(_GREY).tolist()


def test_frames_without_comments_stay_byte_for_byte() -> None:
    plain = read(_clean(_compressed(_JPEG, _JPEG), syntax=JPEGBaseline8Bit)).PixelData
    again = ct(BitsAllocated=8, BitsStored=8, HighBit=7, NumberOfFrames=2, PixelData=plain)
    assert read(_clean(again, syntax=JPEGBaseline8Bit)).PixelData == plain


@pytest.mark.parametrize(
    "dataset",
    [
        _compressed(_JPEG, behind=b"\xfe\xff\x00\xe0\x10\0\0\0" + _SECRET),
        ct(
            BitsAllocated=8, BitsStored=8, HighBit=7, PixelData=encapsulate([_JPEG + b"\0" * (len(_JPEG) % 2), _SECRET])
        ),
    ],
)
def test_fragments_that_belong_to_no_frame_go(dataset: Dataset) -> None:
    assert _SECRET not in _clean(dataset, syntax=JPEGBaseline8Bit)


@pytest.mark.parametrize(
    ("frame", "syntax"),
    [
        (b"no JPEG at all", JPEGBaseline8Bit),
        (_JPEG[:-40], JPEGBaseline8Bit),
        (_J2K, JPEGBaseline8Bit),
        (_JPEG, JPEG2000Lossless),
        (_encoded("JPEG2000"), JPEG2000Lossless),
        (b"\1" + b"\0" * 63, RLELossless),
    ],
)
def test_what_is_no_stream_of_its_transfer_syntax_is_undecodable(frame: bytes, syntax: str) -> None:
    with pytest.raises(Quarantined) as quarantined:
        _clean(_compressed(frame), syntax=syntax)
    assert quarantined.value.reason is QuarantineReason.UNDECODABLE


@pytest.mark.parametrize("rows", [ROWS - 1, ROWS + 1])
def test_a_stream_of_another_size_than_the_header_is_undecodable(rows: int) -> None:
    dataset = _compressed(_JPEG)
    dataset.Rows = rows
    with pytest.raises(Quarantined, match="UNDECODABLE"):
        _clean(dataset, syntax=JPEGBaseline8Bit)


def test_bytes_between_the_segments_of_an_rle_frame_are_hidden() -> None:
    dataset = read(file_of(ct()))
    dataset.compress(RLELossless, encoding_plugin="pydicom", generate_instance_uid=False)
    frame = next(generate_frames(dataset.PixelData, number_of_frames=1))
    assert (read(_clean(dataset, syntax=RLELossless)).pixel_array == pixels()).all()
    dataset.PixelData = encapsulate([frame + _SECRET])
    with pytest.raises(Quarantined, match="HIDDEN_DATA"):
        _clean(dataset, syntax=RLELossless)


def test_bytes_behind_the_last_frame_go() -> None:
    clean = deidentified(ct(PixelData=pixels().tobytes() + _SECRET)).data
    assert _SECRET not in clean
    assert read(clean).PixelData == pixels().tobytes()


@pytest.mark.parametrize("behind", [b"", _SECRET])
def test_the_last_of_an_odd_number_of_pixels_in_big_endian_words_stays(behind: bytes) -> None:
    levels = np.arange(1, 10, dtype=np.uint8).reshape(3, 3)
    words = np.frombuffer(levels.tobytes() + b"\0", dtype="<u2").astype(">u2").tobytes()
    dataset = ct(Rows=3, Columns=3, BitsAllocated=8, BitsStored=8, HighBit=7, PixelData=words + behind)
    dataset["PixelData"].VR = "OW"
    file = file_of(dataset, syntax=ExplicitVRBigEndian)
    clean = read(deidentify(file, pseudonyms=PSEUDONYMS, dates=Dates.EMPTY).data)
    assert clean.PixelData == words
    assert clean.pixel_array.tolist() == levels.tolist()


def test_an_overlay_in_unused_bits_goes() -> None:
    hidden = pixels() | np.uint16(0x8000)
    clean = read(deidentified(ct(BitsStored=12, HighBit=11, PixelData=hidden.tobytes())).data)
    assert clean.PixelData == pixels().tobytes()


def _rle(levels: np.ndarray, **values: object) -> Dataset:
    dataset = read(file_of(ct(PixelData=levels.tobytes())))
    dataset.compress(RLELossless, encoding_plugin="pydicom", generate_instance_uid=False)
    for name, value in values.items():
        setattr(dataset, name, value)
    return dataset


def _with_level(level: int) -> np.ndarray:
    levels = pixels()
    levels[3, 4] = level
    return levels


@pytest.mark.parametrize(("level", "signed"), [(0x0FFF, 0), (0xF801, 1), (0x0001, 1)])
def test_an_rle_frame_whose_unused_bits_are_zero_or_the_sign_passes(level: int, signed: int) -> None:
    dataset = _rle(_with_level(level), BitsStored=12, HighBit=11, PixelRepresentation=signed)
    assert read(_clean(dataset, syntax=RLELossless)).PixelData == dataset.PixelData


@pytest.mark.parametrize(("level", "signed"), [(0x1FFF, 0), (0x8001, 0), (0xF801, 0), (0x3801, 1), (0xF001, 1)])
def test_other_unused_bits_of_an_rle_frame_are_hidden(level: int, signed: int) -> None:
    dataset = _rle(_with_level(level), BitsStored=12, HighBit=11, PixelRepresentation=signed)
    with pytest.raises(Quarantined, match="HIDDEN_DATA"):
        _clean(dataset, syntax=RLELossless)


@pytest.mark.parametrize(("frame", "syntax"), [(_JPEG, JPEGBaseline8Bit), (_J2K, JPEG2000Lossless)])
def test_a_stream_with_more_bits_than_the_header_says_is_hidden(frame: bytes, syntax: str) -> None:
    dataset = _compressed(frame)
    dataset.BitsStored, dataset.HighBit = 7, 6
    with pytest.raises(Quarantined, match="HIDDEN_DATA"):
        _clean(dataset, syntax=syntax)


def test_repeated_signs_are_no_overlay() -> None:
    signed = (pixels().astype("<i2") - 150).tobytes()
    clean = read(deidentified(ct(BitsStored=12, HighBit=11, PixelRepresentation=1, PixelData=signed)).data)
    assert clean.PixelData == signed


def test_offset_tables_and_other_pictures_go() -> None:
    dataset = ct(ExtendedOffsetTable=_SECRET, ReferencedImageSequence=[ct(SOPInstanceUID="1.2.3")])
    clean = read(deidentified(dataset).data)
    assert "ExtendedOffsetTable" not in clean
    assert "PixelData" not in clean.ReferencedImageSequence[0]
