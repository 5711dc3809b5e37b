"""Text that is burned into a picture is filled in all frames, or the file is not released."""

from collections.abc import Sequence
from io import BytesIO

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate
from pydicom.uid import ExplicitVRBigEndian, ExplicitVRLittleEndian, JPEGBaseline8Bit, JPEGLosslessSV1
from tests.unit.dicomkit.dicom_files import PSEUDONYMS, ct, file_of, read
from tests.unit.dicomkit.texts import found_text

from dicomkit.burned_in import FindText, FoundText
from dicomkit.deidentify import Deidentified, deidentify_with_picture
from dicomkit.quarantine import Quarantined
from safelight_contracts.redaction.dicom import Dates

_ROWS, _COLUMNS = 40, 60
_WHITE = 250


def _reads(text: str, *, score: float = 0.9, likelihood: float = 0.9) -> FindText:
    """Return a reader that reads one text wherever it sees a white area, which is smaller than half of the picture."""

    def find_text(picture: npt.NDArray[np.uint8]) -> Sequence[FoundText]:
        rows, columns = np.nonzero(picture >= _WHITE)
        if not 0 < len(rows) < picture.size / 2:
            return []
        box = (int(columns.min()), int(rows.min()), int(columns.max()) + 1, int(rows.max()) + 1)
        return [found_text(text, box=box, score=score, likelihood=likelihood)]

    return find_text


def _nothing(_: npt.NDArray[np.uint8]) -> Sequence[FoundText]:
    return []


def _frames(*, count: int = 1) -> npt.NDArray[np.uint16]:
    frames = np.full((count, _ROWS, _COLUMNS), 300, dtype="<u2")
    frames[:, 0, 0] = 100
    return frames


def _with_text(frames: npt.NDArray[np.uint16], *, frame: int = 0) -> npt.NDArray[np.uint16]:
    changed = frames.copy()
    changed[frame, 10:16, 20:50] = 4000
    return changed


def _dataset(frames: npt.NDArray[np.uint16], **values: object) -> Dataset:
    count, rows, columns = frames.shape
    return ct(Rows=rows, Columns=columns, NumberOfFrames=count, PixelData=frames.tobytes(), **values)


def _clean(dataset: Dataset, *, find_text: FindText, syntax: str = ExplicitVRLittleEndian) -> Deidentified:
    data = file_of(dataset, syntax=syntax)
    return deidentify_with_picture(data, pseudonyms=PSEUDONYMS, dates=Dates.EMPTY, find_text=find_text)


def test_pixels_without_text_stay_byte_for_byte_and_the_file_says_that_there_is_none() -> None:
    clean = read(_clean(_dataset(_frames()), find_text=_nothing).data)
    assert clean.PixelData == _frames().tobytes()
    assert clean.BurnedInAnnotation == "NO"
    assert "113101" in [code.CodeValue for code in clean.DeidentificationMethodCodeSequence]


def test_a_text_is_filled_with_the_colour_around_it() -> None:
    clean = read(_clean(_dataset(_with_text(_frames())), find_text=_reads("QUISTGAARD")).data)
    assert clean.pixel_array.tolist() == _frames()[0].tolist()


def test_a_text_of_one_frame_is_filled_in_all() -> None:
    frames = _frames(count=3)
    frames[2, 12, 30] = 400
    clean = read(_clean(_dataset(_with_text(frames, frame=1)), find_text=_reads("QUISTGAARD")).data)
    assert clean.pixel_array.tolist() == _frames(count=3).tolist()


@pytest.mark.parametrize("text", ["L", "R", "r", "5 cm", "10mm", "2.5 cm"])
def test_side_markers_and_scales_stay(text: str) -> None:
    frames = _with_text(_frames())
    assert read(_clean(_dataset(frames), find_text=_reads(text)).data).PixelData == frames.tobytes()


@pytest.mark.parametrize("text", ["LR", "12345 mm", "5 cm Quistgaard", "10"])
def test_other_texts_are_filled(text: str) -> None:
    clean = read(_clean(_dataset(_with_text(_frames())), find_text=_reads(text)).data)
    assert clean.pixel_array.max() == 300


@pytest.mark.parametrize(("text", "most"), [("Quistqaard", 300), ("Leonora", 300), ("vessel", 4000)])
def test_a_text_that_is_hardly_read_is_filled_if_it_is_like_a_word_of_the_header(text: str, most: int) -> None:
    clean = read(_clean(_dataset(_with_text(_frames())), find_text=_reads(text, score=0.2, likelihood=0.5)).data)
    assert clean.pixel_array.max() == most


def test_text_that_is_found_again_after_it_was_filled_is_not_released() -> None:
    def always(_: npt.NDArray[np.uint8]) -> Sequence[FoundText]:
        return [found_text("QUISTGAARD", box=(1, 1, 9, 5))]

    with pytest.raises(Quarantined, match="TEXT_LEFT"):
        _clean(_dataset(_frames()), find_text=always)


@pytest.mark.parametrize("sides", [(-9, -9, 5, 5), (55, 35, 90, 90), (-5, -5, 99, 4)])
def test_a_box_over_the_edge_is_filled_up_to_the_edge(sides: tuple[int, int, int, int]) -> None:
    calls: list[int] = []

    def once(_: npt.NDArray[np.uint8]) -> Sequence[FoundText]:
        calls.append(1)
        return [found_text("QUISTGAARD", box=sides)] if len(calls) == 1 else []

    frames = _frames()
    frames[0, max(0, sides[1]) : sides[3], max(0, sides[0]) : sides[2]] = 4000
    assert read(_clean(_dataset(frames), find_text=once).data).pixel_array.max() <= 300


def test_a_box_outside_of_the_picture_is_not_released() -> None:
    def outside(_: npt.NDArray[np.uint8]) -> Sequence[FoundText]:
        return [found_text("QUISTGAARD", box=(100, 100, 120, 110))]

    with pytest.raises(Quarantined, match="TEXT_LEFT"):
        _clean(_dataset(_frames()), find_text=outside)


def test_big_endian_pixels_are_filled_in_their_own_order() -> None:
    frames = _with_text(_frames())
    dataset = _dataset(frames)
    dataset.PixelData = frames.astype(">u2").tobytes()
    clean = read(_clean(dataset, find_text=_reads("QUISTGAARD"), syntax=ExplicitVRBigEndian).data)
    assert clean.pixel_array.tolist() == _frames()[0].tolist()


def test_a_lossy_colour_picture_is_written_without_compression() -> None:
    picture = np.zeros((_ROWS, _COLUMNS, 3), dtype=np.uint8)
    picture[8:16, 16:48] = 255
    file = BytesIO()
    Image.fromarray(picture).save(file, "JPEG", quality=95)
    colours = {"SamplesPerPixel": 3, "PlanarConfiguration": 0, "PhotometricInterpretation": "YBR_FULL_422"}
    dataset = ct(Rows=_ROWS, Columns=_COLUMNS, BitsAllocated=8, BitsStored=8, HighBit=7, **colours)
    dataset.PixelData = encapsulate([file.getvalue()])
    dataset["PixelData"].VR, dataset["PixelData"].is_undefined_length = "OB", True
    clean = read(_clean(dataset, find_text=_reads("QUISTGAARD"), syntax=JPEGBaseline8Bit).data)
    assert clean.file_meta.TransferSyntaxUID == ExplicitVRLittleEndian
    assert clean.PhotometricInterpretation == "RGB"
    assert clean.pixel_array.shape == picture.shape
    assert clean.pixel_array.max() < 60


def test_a_picture_without_a_decoder_is_not_released() -> None:
    stream = (
        bytes.fromhex("ffd8ffc3000b08000800 0c01011100".replace(" ", "")) + b"\xff\xda\0\x08\1\1\0\1\0\0\0\0\xff\xd9"
    )
    dataset = ct(BitsAllocated=8, BitsStored=8, HighBit=7, PixelData=encapsulate([stream]))
    dataset["PixelData"].VR, dataset["PixelData"].is_undefined_length = "OB", True
    with pytest.raises(Quarantined, match="UNDECODABLE"):
        _clean(dataset, find_text=_nothing, syntax=JPEGLosslessSV1)


def test_the_palette_stays_and_its_numbers_are_filled() -> None:
    numbers = np.full((_ROWS, _COLUMNS), 1, dtype=np.uint8)
    numbers[10:16, 20:50] = 2
    levels = np.array([0, 20000, 65535], dtype="<u2")
    palette = {
        f"{colour}PaletteColorLookupTable{part}": value
        for colour in ("Red", "Green", "Blue")
        for part, value in (("Descriptor", [3, 0, 16]), ("Data", levels.tobytes()))
    }
    layout = {"BitsAllocated": 8, "BitsStored": 8, "HighBit": 7, "PhotometricInterpretation": "PALETTE COLOR"}
    dataset = ct(Rows=_ROWS, Columns=_COLUMNS, PixelData=numbers.tobytes(), **layout, **palette)
    dataset["PixelData"].VR = "OB"
    clean = read(_clean(dataset, find_text=_reads("QUISTGAARD")).data)
    assert set(clean.PixelData) == {1}
    assert clean.PhotometricInterpretation == "PALETTE COLOR"
