"""Text that a viewer shows is seen by the reader of text."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from pydicom.dataset import Dataset
from tests.unit.dicomkit.dicom_files import ct, file_of, item, read

from dicomkit.layout import layout_of
from dicomkit.renderings import renderings

_SIDE = 128
_LINE = np.s_[40:52, 30:90]
# PP-OCR reads lines of less contrast.
_CONTRAST = 30
Levels = npt.NDArray[np.generic]


def _strokes() -> npt.NDArray[np.bool_]:
    strokes = np.zeros((_SIDE, _SIDE), dtype=bool)
    strokes[_LINE] = np.arange(60) // 2 % 3 == 0
    return strokes


def _dataset(frame: Levels, **values: object) -> Dataset:
    bits = frame.dtype.itemsize * 8
    signed = int(frame.dtype.kind == "i")
    layout = {"BitsAllocated": bits, "BitsStored": bits, "HighBit": bits - 1, "PixelRepresentation": signed}
    if frame.ndim == 3:
        layout["SamplesPerPixel"] = 3
        values["PhotometricInterpretation"] = "RGB"
    return read(file_of(ct(Rows=_SIDE, Columns=_SIDE, PixelData=frame.tobytes(), **layout, **values)))


def _pictures(frame: Levels, *, index: int = 0, **values: object) -> list[npt.NDArray[np.uint8]]:
    dataset = _dataset(frame, **values)
    return renderings(frame, index=index, dataset=dataset, layout=layout_of(dataset))


def _is_seen(frame: Levels, *, index: int = 0, **values: object) -> bool:
    strokes = _strokes()
    line = np.zeros_like(strokes)
    line[_LINE] = True
    return any(
        abs(np.median(picture[strokes]) - np.median(picture[line & ~strokes])) > _CONTRAST
        for picture in _pictures(frame, index=index, **values)
    )


def _metal(*, text: int, around: int) -> npt.NDArray[np.uint16]:
    frame = np.full((_SIDE, _SIDE), around, dtype=np.uint16)
    frame[70:120, 20:100] = 60000
    frame[0, :2] = 900, 1300
    frame[_strokes()] = text
    return frame


def _between(*, text: int, around: int) -> npt.NDArray[np.uint16]:
    # All values occur, so that the order of the values says nothing of the text.
    frame = np.arange(_SIDE * _SIDE, dtype=np.uint16).reshape(_SIDE, _SIDE) * 4
    frame[35:57, 25:95] = around
    frame[_strokes()] = text
    return frame


def _two(text: tuple[int, int, int], around: tuple[int, int, int]) -> npt.NDArray[np.uint8]:
    frame = np.zeros((_SIDE, _SIDE, 3), dtype=np.uint8)
    frame[:] = around
    frame[_strokes()] = text
    return frame


def test_text_of_few_levels_beside_metal() -> None:
    assert _is_seen(_metal(text=1200, around=1000))


@pytest.mark.parametrize(
    "window",
    [
        {"WindowCenter": "30002", "WindowWidth": "10"},
        {"WindowCenter": ["500", "30002"], "WindowWidth": ["100", "10"]},
        {"WindowCenter": "60004", "WindowWidth": "20", "RescaleSlope": "2", "RescaleIntercept": "0"},
        {"SharedFunctionalGroupsSequence": item(FrameVOILUTSequence=item(WindowCenter="30002", WindowWidth="10"))},
    ],
    ids=["window", "second window", "rescaled", "shared by frames"],
)
def test_text_in_a_window_of_the_file(window: dict[str, Any]) -> None:
    assert _is_seen(_between(text=30004, around=30000), **window)


def test_text_in_the_window_of_its_frame() -> None:
    frames = [item(FrameVOILUTSequence=item(WindowCenter=centre, WindowWidth="10"))[0] for centre in ("99", "30002")]
    frame = _between(text=30004, around=30000)
    groups = {"NumberOfFrames": 2, "PerFrameFunctionalGroupsSequence": frames}
    assert _is_seen(frame, index=1, **groups)


def test_text_that_a_table_of_values_shows() -> None:
    table = np.zeros(65536, dtype=np.uint16)
    table[30004:] = 60000
    lut = item(LUTExplanation="")
    lut[0].add_new(0x00283002, "US", [0, 0, 16])
    lut[0].add_new(0x00283006, "OW", table.tobytes())
    assert _is_seen(_between(text=30004, around=30000), VOILUTSequence=lut)


@pytest.mark.parametrize(
    ("text", "around"),
    [
        ((220, 40, 40), (40, 40, 220)),
        ((200, 0, 0), (0, 200, 0)),
        ((255, 255, 0), (0, 255, 255)),
        ((90, 110, 100), (110, 90, 100)),
    ],
    ids=["red on blue", "red on green", "yellow on cyan", "alike"],
)
def test_text_in_a_colour_as_bright_as_what_is_around_it(
    text: tuple[int, int, int], around: tuple[int, int, int]
) -> None:
    assert _is_seen(_two(text, around))


def test_text_in_a_colour_of_a_palette() -> None:
    frame = _strokes().astype(np.uint8)
    red, blue = np.array([0, 60000], dtype="<u2"), np.array([60000, 0], dtype="<u2")
    palette: dict[str, Any] = {"PhotometricInterpretation": "PALETTE COLOR"}
    for name, levels in {"Red": red, "Green": np.zeros(2, "<u2"), "Blue": blue}.items():
        palette[f"{name}PaletteColorLookupTableDescriptor"] = [2, 0, 16]
        palette[f"{name}PaletteColorLookupTableData"] = levels.tobytes()
    assert _is_seen(frame, **palette)


@pytest.mark.parametrize("difference", [4, -4])
def test_faint_text(difference: int) -> None:
    frame = np.full((_SIDE, _SIDE), 120, dtype=np.uint8)
    frame[:, :8], frame[:, 120:] = 0, 255
    frame[_strokes()] += np.uint8(difference % 256)
    assert _is_seen(frame)


def test_a_grey_picture_in_colours_is_rendered_as_often_as_a_grey_one() -> None:
    frame = _between(text=30004, around=30000).astype(np.uint8)
    assert len(_pictures(np.repeat(frame[..., None], 3, axis=2))) == len(_pictures(frame))


@pytest.mark.parametrize("sides", [(1, 1), (1, 300), (300, 1), (3, 3)])
def test_pictures_of_any_size_are_rendered(sides: tuple[int, int]) -> None:
    frame = np.zeros(sides, dtype=np.uint16)
    dataset = ct(Rows=sides[0], Columns=sides[1], PixelData=frame.tobytes())
    pictures = renderings(frame, index=0, dataset=dataset, layout=layout_of(dataset))
    assert {picture.shape for picture in pictures} == {sides}
