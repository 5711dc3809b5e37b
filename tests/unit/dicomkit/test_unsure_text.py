"""What may be text is neither released, nor filled where it would destroy the picture."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pytest
from tests.unit.dicomkit.dicom_files import PSEUDONYMS, ct, deidentified, file_of, read
from tests.unit.dicomkit.texts import found_text

from dicomkit.burned_in import FindText, FoundText
from dicomkit.deidentify import deidentify_with_picture
from dicomkit.quarantine import Quarantined, QuarantineReason
from safelight_contracts.redaction.dicom import Dates

_SIDE = 200
_LINE = (20, 30, 120, 45)


def _finds(*texts: FoundText) -> FindText:
    """Return a reader that finds these texts in each picture."""
    return lambda _: texts


def _finds_once(text: FoundText) -> FindText:
    """Return a reader that finds a text in the first picture that it sees."""
    pictures: list[int] = []

    def find_text(picture: npt.NDArray[np.uint8]) -> Sequence[FoundText]:
        pictures.append(picture.size)
        return [text] if len(pictures) == 1 else []

    return find_text


def _rows(text: FoundText) -> slice:
    return slice(int(text.top), int(text.bottom))


def _columns(text: FoundText) -> slice:
    return slice(int(text.left), int(text.right))


def _picture() -> npt.NDArray[np.uint8]:
    return np.random.default_rng(2).integers(0, 256, (_SIDE, _SIDE), dtype=np.uint8)


def _clean(find_text: FindText, **values: object) -> npt.NDArray[np.uint8]:
    layout = {"Rows": _SIDE, "Columns": _SIDE, "BitsAllocated": 8, "BitsStored": 8, "HighBit": 7}
    dataset = ct(PixelData=_picture().tobytes(), **layout, **values)
    dataset["PixelData"].VR = "OB"
    clean = deidentify_with_picture(file_of(dataset), pseudonyms=PSEUDONYMS, dates=Dates.EMPTY, find_text=find_text)
    return np.asarray(read(clean.data).pixel_array, dtype=np.uint8)


@pytest.mark.parametrize("text", ["", "人", "QU"])
def test_a_line_that_is_found_and_cannot_be_read_is_not_released(text: str) -> None:
    with pytest.raises(Quarantined, match="TEXT_LEFT"):
        _clean(_finds(found_text(text, box=_LINE, score=0.26)))


def test_an_unreadable_line_where_text_was_filled_is_no_text() -> None:
    name, stripe = found_text("QUISTGAARD", box=_LINE), found_text("", box=_LINE, score=0)
    rounds: list[int] = []

    def find_text(_: npt.NDArray[np.uint8]) -> Sequence[FoundText]:
        rounds.append(1)
        return [name] if len(rounds) == 1 else [stripe]

    assert np.ptp(_clean(find_text)[_rows(name), _columns(name)]) == 0


@pytest.mark.parametrize(
    "found",
    [
        found_text("", box=_LINE, score=0, likelihood=0.6),
        found_text("", box=(20, 30, 40, 50), score=0),
        found_text("", box=(0, 0, 200, 90), score=0),
        found_text("■", box=(20, 30, 30, 45)),
        found_text("0", box=(0, 0, 200, 200), score=0.95),
        found_text("4", box=(20, 30, 40, 50), score=1, likelihood=0.72),
        found_text("27", box=(50, 50, 150, 140), score=0.56, likelihood=0.39),
        found_text("14", box=_LINE, score=0.65, likelihood=0.52),
        found_text("Leonore", box=(0, 0, 200, 200), score=0.37),
    ],
    ids=["unlikely", "square", "high", "sign", "one large sign", "one sign", "large", "hardly read", "large word"],
)
def test_what_organs_look_like_is_no_text(found: FoundText) -> None:
    assert (_clean(_finds(found)) == _picture()).all()


@pytest.mark.parametrize(
    ("text", "header"),
    [
        ("39", {"InstitutionAddress": "309 Wing Street"}),
        ("44882", {}),
        ("win", {"InstitutionAddress": "309 Wing Street"}),
    ],
    ids=["short number", "number", "three letters"],
)
def test_what_is_like_a_number_or_a_short_word_of_the_header_is_read_as_any_other_text(
    text: str, header: dict[str, object]
) -> None:
    hardly_read = found_text(text, box=_LINE, score=0.37, likelihood=0.5)
    assert (_clean(_finds(hardly_read), **header) == _picture()).all()


@pytest.mark.parametrize("text", ["309", "w1ng", "zk4488l2"])
def test_a_word_of_the_header_is_text_however_hardly_it_is_read(text: str) -> None:
    hardly_read = found_text(text, box=_LINE, score=0.37, likelihood=0.5)
    picture = _clean(_finds_once(hardly_read), InstitutionAddress="309 Wing Street")
    assert np.ptp(picture[_rows(hardly_read), _columns(hardly_read)]) == 0


def test_what_is_read_in_a_filled_area_is_no_text() -> None:
    name, rectangle = found_text("QUISTGAARD", box=_LINE), found_text("00", box=_LINE)
    rounds: list[int] = []

    def find_text(_: npt.NDArray[np.uint8]) -> Sequence[FoundText]:
        rounds.append(1)
        return [name] if len(rounds) == 1 else [rectangle]

    assert np.ptp(_clean(find_text)[_rows(name), _columns(name)]) == 0


@pytest.mark.parametrize(
    "texts",
    [
        [found_text("QUISTGAARD", box=(0, 0, 200, 60))],
        [found_text(f"QUISTGAARD {top}", box=(0, top, 200, top + 10)) for top in range(0, 140, 20)],
    ],
    ids=["one line", "all lines"],
)
def test_more_than_text_takes_up_is_not_filled(texts: list[FoundText]) -> None:
    with pytest.raises(Quarantined, match="TEXT_LEFT"):
        _clean(_finds(*texts))


@pytest.mark.parametrize(
    "find_text", [_finds(), _finds_once(found_text("QUISTGAARD", box=_LINE))], ids=["none found", "one found"]
)
def test_a_file_that_says_it_has_text_is_not_released(find_text: FindText) -> None:
    # It may be a bar code or handwriting, beside what is found.
    with pytest.raises(Quarantined, match="ANNOTATED"):
        _clean(find_text, BurnedInAnnotation="YES")


@pytest.mark.parametrize(
    "values",
    [
        {"ImageType": ["ORIGINAL", "PRIMARY", "LABEL", "NONE"]},
        {"ImageType": ["ORIGINAL", "PRIMARY", "OVERVIEW", "NONE"]},
        {"SpecimenLabelInImage": "YES"},
    ],
    ids=["label", "overview", "with a label"],
)
def test_labels_of_slides_are_not_released(values: dict[str, object]) -> None:
    with pytest.raises(Quarantined, match="ANNOTATED"):
        _clean(_finds(), **values)
    with pytest.raises(Quarantined) as quarantined:
        deidentified(ct(**values))
    assert quarantined.value.reason is QuarantineReason.ANNOTATED


def test_more_windows_than_there_is_time_for_are_too_large() -> None:
    centres = [str(centre) for centre in range(20, 180, 20)]
    with pytest.raises(Quarantined, match="TOO_LARGE"):
        _clean(_finds(), WindowCenter=centres, WindowWidth=["10"] * len(centres))
