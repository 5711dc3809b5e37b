"""A compressed frame holds its picture and nothing else."""

import struct
from io import BytesIO

import numpy as np
import numpy.typing as npt
import pydicom
import pytest
from PIL import Image

from dicomkit.jpeg_2000_streams import plain_jpeg_2000
from dicomkit.jpeg_streams import plain_jpeg
from dicomkit.layout import Layout, layout_of
from dicomkit.quarantine import Quarantined
from dicomkit.rle_frames import plain_rle

_SECRET = b"DOE^JANE 2 FEB 1961 "
_ROWS, _COLUMNS = 120, 200


def _levels(*, samples: int) -> npt.NDArray[np.uint8]:
    y, x = np.mgrid[:_ROWS, :_COLUMNS]
    levels = np.stack([(x * 3 + y * (one + 1)) % 251 for one in range(samples)], -1).astype(np.uint8)
    return levels[..., 0] if samples == 1 else levels


def _layout(*, samples: int = 1) -> Layout:
    return Layout(
        rows=_ROWS,
        columns=_COLUMNS,
        frames=1,
        samples=samples,
        allocated=8,
        stored=8,
        high=7,
        signed=False,
        photometric="MONOCHROME2" if samples == 1 else "RGB",
    )


def _encoded(kind: str, *, samples: int = 1, **options: object) -> bytes:
    file = BytesIO()
    Image.fromarray(_levels(samples=samples)).save(file, kind, **options)
    return file.getvalue()


def _shown(frame: bytes) -> list[int]:
    levels: list[int] = np.asarray(Image.open(BytesIO(frame))).tolist()
    return levels


def _segment(marker: int, body: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body


_JPEG = _encoded("JPEG", quality=90)
_COLOUR = _encoded("JPEG", samples=3, quality=90)
_SCAN = _JPEG.index(b"\xff\xda")
_J2K = _encoded("JPEG2000", no_jp2=True, irreversible=False)
_TILE = _J2K.index(b"\xff\x90")


def _before_scan(segment: bytes) -> bytes:
    return _JPEG[:_SCAN] + segment + _JPEG[_SCAN:]


def _in_header(marker: int, body: bytes = _SECRET) -> bytes:
    return _J2K[:_TILE] + struct.pack(">HH", marker, len(body) + 2) + body + _J2K[_TILE:]


def _in_tile(*, head: bytes = b"", tail: bytes = b"") -> bytes:
    length = struct.unpack(">I", _J2K[_TILE + 6 : _TILE + 10])[0]
    longer = struct.pack(">I", length + len(head) + len(tail))
    end = _TILE + length
    start = _TILE + 12
    return _J2K[: _TILE + 6] + longer + _J2K[_TILE + 10 : start] + head + _J2K[start:end] + tail + _J2K[end:]


_OTHER_TABLES = {
    "codes": _segment(0xC4, bytes([0x13]) + bytes([0] * 9 + [7] + [0] * 6) + b"DOE^JAN"),
    "quantization": _segment(0xDB, bytes([3]) + (_SECRET * 4)[:64]),
}


@pytest.mark.parametrize("segment", _OTHER_TABLES.values(), ids=_OTHER_TABLES.keys())
def test_tables_that_no_scan_uses_go(segment: bytes) -> None:
    frame = plain_jpeg(_before_scan(segment), layout=_layout())
    assert b"DOE" not in frame
    assert _shown(frame) == _shown(_JPEG)


def test_a_table_that_is_defined_again_before_it_is_used_goes() -> None:
    tables = _JPEG.index(b"\xff\xdb")
    frame = plain_jpeg(
        _JPEG[:tables] + _segment(0xDB, bytes([0]) + (_SECRET * 4)[:64]) + _JPEG[tables:], layout=_layout()
    )
    assert _SECRET not in frame
    assert _shown(frame) == _shown(_JPEG)


def test_the_unused_bytes_of_adobes_segment_are_set() -> None:
    frame = plain_jpeg(_JPEG[:2] + _segment(0xEE, b"AdobeJaneDo\1") + _JPEG[2:], layout=_layout())
    assert b"Jane" not in frame
    assert b"Adobe\0d\0\0\0\0\1" in frame


@pytest.mark.parametrize("marker", [0xF0, 0xFD, 0xC8, 0x02, 0xDC, 0xDF, 0xDE, 0xCC, 0x01])
def test_other_segments_of_jpeg_are_hidden(marker: int) -> None:
    with pytest.raises(Quarantined, match="HIDDEN_DATA"):
        plain_jpeg(_before_scan(_segment(marker, _SECRET)), layout=_layout())


def test_a_second_scan_is_hidden() -> None:
    with pytest.raises(Quarantined, match="HIDDEN_DATA"):
        plain_jpeg(_JPEG[:-2] + _JPEG[_SCAN:], layout=_layout())


def test_more_components_than_the_header_says_are_hidden() -> None:
    with pytest.raises(Quarantined, match="HIDDEN_DATA"):
        plain_jpeg(_COLOUR, layout=_layout())


def test_a_table_with_a_symbol_twice_is_hidden() -> None:
    at = _JPEG.index(b"\xff\xc4")
    doubled = _JPEG[: at + 21] + _JPEG[at + 22 : at + 23] + _JPEG[at + 22 :]
    with pytest.raises(Quarantined, match="HIDDEN_DATA"):
        plain_jpeg(doubled, layout=_layout())


@pytest.mark.parametrize("hidden", [b"x", _SECRET, b"\0" * 8, b"\xff\0" * 4, b"\xff\xd0" + _SECRET])
def test_bytes_behind_the_last_block_of_a_scan_are_hidden(hidden: bytes) -> None:
    with pytest.raises(Quarantined, match="HIDDEN_DATA"):
        plain_jpeg(_JPEG[:-2] + hidden + _JPEG[-2:], layout=_layout())


def test_bytes_before_a_restart_marker_are_hidden() -> None:
    frame = _encoded("JPEG", restart_marker_blocks=4)
    at = frame.index(b"\xff\xd0")
    with pytest.raises(Quarantined, match="HIDDEN_DATA"):
        plain_jpeg(frame[:at] + _SECRET + frame[at:], layout=_layout())


def test_a_scan_without_its_last_blocks_is_undecodable() -> None:
    with pytest.raises(Quarantined, match="UNDECODABLE"):
        plain_jpeg(_JPEG[:-40] + b"\xff\xd9", layout=_layout())


def test_progressive_jpeg_is_undecodable() -> None:
    with pytest.raises(Quarantined):
        plain_jpeg(_encoded("JPEG", progressive=True), layout=_layout())


@pytest.mark.parametrize("samples", [1, 3])
@pytest.mark.parametrize(
    "options",
    [{}, {"quality": 1}, {"quality": 100, "optimize": True}, {"restart_marker_blocks": 3}, {"subsampling": 2}],
    ids=str,
)
def test_ordinary_jpeg_streams_keep_their_scans(options: dict[str, object], samples: int) -> None:
    frame = _encoded("JPEG", samples=samples, **options)
    plain = plain_jpeg(frame, layout=_layout(samples=samples))
    assert frame[frame.index(b"\xff\xdb") :] in plain
    assert plain_jpeg(plain, layout=_layout(samples=samples)) == plain


def test_a_lossless_jpeg_stream_ends_with_its_last_sample() -> None:
    dataset = pydicom.dcmread(str(pydicom.data.get_testdata_file("SC_rgb_jpeg_gdcm.dcm")))
    (frame,) = pydicom.encaps.generate_frames(dataset.PixelData, number_of_frames=1)
    end = frame.rindex(b"\xff\xd9")
    layout = layout_of(dataset)
    assert plain_jpeg(frame, layout=layout) == frame[: end + 2]
    with pytest.raises(Quarantined, match="HIDDEN_DATA"):
        plain_jpeg(frame[:end] + b"xx" + frame[end:], layout=layout)


@pytest.mark.parametrize("marker", [0xFF55, 0xFF57, 0xFF63, 0xFF64])
def test_what_no_decoder_of_jpeg_2000_needs_goes(marker: int) -> None:
    assert plain_jpeg_2000(_in_header(marker), layout=_layout()) == plain_jpeg_2000(_J2K, layout=_layout())


@pytest.mark.parametrize("marker", [0xFF60, 0xFF30, 0xFF6F, 0xFF50, 0xFF78, 0xFF5F, 0xFF51, 0xFF52, 0xFF5C])
def test_other_segments_of_jpeg_2000_are_hidden(marker: int) -> None:
    with pytest.raises(Quarantined):
        plain_jpeg_2000(_in_header(marker), layout=_layout())


@pytest.mark.parametrize("marker", [0xFF6F, 0xFF58, 0xFF64, 0xFF61])
def test_other_segments_of_a_tile_are_hidden(marker: int) -> None:
    frame = _in_tile(head=struct.pack(">HH", marker, len(_SECRET) + 2) + _SECRET)
    with pytest.raises(Quarantined, match="HIDDEN_DATA"):
        plain_jpeg_2000(frame, layout=_layout())


@pytest.mark.parametrize("hidden", [b"x", _SECRET, b"\0\0"])
def test_bytes_behind_the_packets_of_a_tile_are_hidden(hidden: bytes) -> None:
    with pytest.raises(Quarantined, match="HIDDEN_DATA"):
        plain_jpeg_2000(_in_tile(tail=hidden), layout=_layout())


def test_more_components_of_jpeg_2000_than_the_header_says_are_hidden() -> None:
    with pytest.raises(Quarantined, match="HIDDEN_DATA"):
        plain_jpeg_2000(_encoded("JPEG2000", samples=3, no_jp2=True), layout=_layout())


@pytest.mark.parametrize("samples", [1, 3])
@pytest.mark.parametrize("order", ["LRCP", "RLCP", "RPCL", "PCRL", "CPRL"])
@pytest.mark.parametrize(
    "options",
    [
        {"irreversible": True, "quality_mode": "rates", "quality_layers": [40, 10, 3]},
        {"tile_size": (64, 64), "num_resolutions": 3},
        {"precinct_size": (64, 32), "codeblock_size": (16, 16), "quality_layers": [30, 1]},
    ],
    ids=["layers", "tiles", "precincts"],
)
def test_ordinary_jpeg_2000_streams_keep_their_tiles(options: dict[str, object], order: str, samples: int) -> None:
    frame = _encoded("JPEG2000", samples=samples, no_jp2=True, progression=order, **options)
    assert frame[frame.index(b"\xff\x90") :] in plain_jpeg_2000(frame, layout=_layout(samples=samples))


def test_a_run_that_goes_beyond_the_last_pixel_is_hidden() -> None:
    layout = _layout()
    runs, left = b"", _ROWS * _COLUMNS - 1
    while left > 1:
        count = min(128, left)
        runs, left = runs + bytes((257 - count, 0)), left - count
    runs += b"\0\0" * left
    plain = struct.pack("<16I", 1, 64, *[0] * 14) + runs
    assert plain_rle(plain + b"\0\0", layout=layout) == plain + b"\0\0"
    with pytest.raises(Quarantined, match="HIDDEN_DATA"):
        plain_rle(plain + bytes([len(_SECRET)]) + b"\0" + _SECRET, layout=layout)
