"""Words of removed values are recognised in what stays, however they are written."""

import struct
from io import BytesIO

import pytest
from PIL import ImageCms
from pydicom.datadict import dictionary_VR
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset
from tests.unit.dicomkit.dicom_files import PSEUDONYMS, STUDY, ct, deidentified, file_of, item, read

from dicomkit.deidentify import deidentify
from safelight_contracts.redaction.dicom import Dates

_SIZES = {"FD": 8, "FL": 4, "UL": 4, "SL": 4, "UV": 8}
_CODES = {"FD": "d", "FL": "f", "UL": "I", "SL": "i", "UV": "Q"}
_KEPT = "ImageFilterDescription"


def _is_kept(text: str, **values: object) -> bool:
    clean = read(deidentified(ct(**values, **{_KEPT: text})).data)
    return str(clean.get(_KEPT) or "") == text


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Doe^Jane", "JDoe scan"),
        ("Doe^Jane", "DOEJ"),
        ("Doe^Jane", "JANEDOE"),
        ("Doe^Jane", "scan_of_doejane"),
        ("Li^Na", "liNa01"),
        ("Ng^Bo", "NGBO"),
        ("Müller^Jürgen", "Mueller"),
        ("Mueller^Juergen", "MÜLLER"),
        ("Ærø^Åsa", "for AEROE"),
        ("Ærø^Åsa", "for Aasa"),
        ("Yamada^Tarou=山田^太郎", "山田太郎様"),
    ],
)
def test_a_name_in_one_word_or_with_other_letters_is_found(name: str, text: str) -> None:
    assert not _is_kept(text, SpecificCharacterSet="ISO_IR 192", PatientName=name)


@pytest.mark.parametrize(
    "text",
    [
        *("born 4.12.1961", "04/12/61", "12/04/1961", "4 Dec 1961", "December 4th, 1961", "1961-12-4", "04121961"),
        *("4. Dez. 1961", "1961年12月4日", "x 611204"),
    ],
)
def test_a_date_is_found_in_other_orders_and_with_the_months_name(text: str) -> None:
    assert not _is_kept(text, SpecificCharacterSet="ISO_IR 192", PatientBirthDate="19611204")


@pytest.mark.parametrize(
    "text",
    [
        "5.12.1961",
        "b 70 s 0.4 1.25",
        "10/20/30",
        "4 of 12 coils, 1.5 T",
        "Dec",
        "version 4.12.6",
        "19-61",
    ],
)
def test_other_numbers_are_no_date(text: str) -> None:
    assert _is_kept(text, PatientBirthDate="19611204")


@pytest.mark.parametrize(("name", "text"), [("Doe^Jane", "does a dose"), ("Ray^X", "array"), ("Poe^Ann", "planned")])
def test_a_short_name_in_another_word_is_no_name(name: str, text: str) -> None:
    assert _is_kept(text, PatientName=name)


@pytest.mark.parametrize(
    ("tag", "vr", "value"),
    [
        (0x00100020, "OB", b"PID99887766 "),
        (0x00100020, "OB", "PID99887766".encode("utf-16-le")),
        (0x00100020, "IS", "99887766"),
        (0x00100010, "OB", b"Winterbottom"),
        (0x00080050, "UL", 99887766),
        (0x00080050, "FD", 99887766.0),
        (0x00080050, "DS", "99887766"),
        (0x00080090, "LO", "Winterbottom"),
        (0x00080090, "UN", b"Winterbottom"),
    ],
)
def test_words_are_collected_whatever_the_representation_is(tag: int, vr: str, value: object) -> None:
    dataset = ct(PatientName="X^Y", PatientID="Q", ImageFilterDescription="Winterbottom PID99887766 99887766")
    dataset[tag] = DataElement(tag, vr, value)
    assert b"99887766" not in deidentified(dataset).data


@pytest.mark.parametrize("text", ["9.9887766E7", "99887766E0", "+99887766.", "998877660e-1", "099887766"])
def test_an_identifier_is_found_in_other_forms_of_a_decimal_number(text: str) -> None:
    clean = read(deidentified(ct(PatientID="99887766", SliceThickness=text)).data)
    assert clean["SliceThickness"].is_empty


@pytest.mark.parametrize(
    ("name", "value"),
    [("AcquisitionDuration", 99887766.0), ("TableOfXBreakPoints", 99887766), ("TableOfParameterValues", 99887766.0)],
)
def test_an_identifier_is_found_in_a_binary_number(name: str, value: float) -> None:
    assert read(deidentified(ct(PatientID="99887766", **{name: value})).data)[name].is_empty
    assert not read(deidentified(ct(PatientID="99887799", **{name: value})).data)[name].is_empty


@pytest.mark.parametrize(
    "name",
    [
        "AcquisitionDuration",
        "TableOfXBreakPoints",
        "TableOfParameterValues",
        "ReferencePixelX0",
        "FileOffsetInContainer",
    ],
)
@pytest.mark.parametrize("encoding", ["ascii", "utf-16-le"])
def test_a_name_is_found_in_the_bytes_of_binary_numbers(name: str, encoding: str) -> None:
    vr = dictionary_VR(name)
    for word, is_kept in (("Winterbottom Ann", False), ("Wintergreen Bob.", True)):
        data = word.encode(encoding)
        dataset = ct(PatientName="Winterbottom^Percy")
        dataset[name] = DataElement(name, vr, list(struct.unpack(f"<{len(data) // _SIZES[vr]}{_CODES[vr]}", data)))
        assert read(deidentified(dataset).data)[name].is_empty is not is_kept


@pytest.mark.parametrize("name", ["RedPaletteColorLookupTableData", "TableOfXBreakPoints"])
@pytest.mark.parametrize("encoding", ["ascii", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("text", ["1961-12-04", "4.12.1961 ", STUDY + " "])
def test_a_date_or_a_uid_is_found_in_the_bytes_of_a_table(text: str, encoding: str, name: str) -> None:
    data = bytes(40) + text.encode(encoding)
    data += bytes(-len(data) % 4)
    value = data if "Palette" in name else list(struct.unpack(f"<{len(data) // 4}I", data))
    assert read(deidentified(ct(**{name: value})).data)[name].is_empty


@pytest.mark.parametrize("tag", [b"\x18\x00\x73\x90", b"\x08\x00\x50\x00"], ids=["kept", "removed"])
def test_a_number_of_a_wrong_length_does_not_stay(tag: bytes) -> None:
    data = file_of(ct())
    at = data.index(b"\x28\x00\x02\x00US")
    for vr in (b"UN\0\0\x0a\0\0\0", b"FD\x0a\0"):
        clean = deidentify(data[:at] + tag + vr + b"Persephone" + data[at:], pseudonyms=PSEUDONYMS, dates=Dates.EMPTY)
        assert b"Persephone" not in clean.data


@pytest.mark.parametrize("encoding", ["ascii", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("text", ["Winterbottom", "DOEJANE", "winter"])
def test_a_word_is_found_in_the_data_of_a_table(text: str, encoding: str) -> None:
    data = bytes(40) + text.encode(encoding) + bytes(40)
    values = {"PatientName": "Winterbottom^Percy", "ReferringPhysicianName": "Doe^Jane", "OperatorsName": "Winter"}
    clean = read(deidentified(ct(RedPaletteColorLookupTableData=data, **values)).data)
    assert clean["RedPaletteColorLookupTableData"].is_empty


@pytest.mark.parametrize("step", [1, 256])
def test_a_table_without_words_stays(step: int) -> None:
    numbers = range(0, 65536 // 2, step)
    data = struct.pack(f"<{len(numbers)}H", *numbers)
    clean = read(deidentified(ct(RedPaletteColorLookupTableData=data)).data)
    assert clean.RedPaletteColorLookupTableData == data


def _profile_with(text: bytes) -> bytes:
    # Behind the last tag, and in place of the description.
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    at = profile.index("sRGB".encode("utf-16-be"))
    profile[at : at + 8] = text[:8].ljust(8)
    return bytes(profile) + text


def test_a_profile_of_colours_keeps_its_colours_and_no_text() -> None:
    profile = _profile_with("Doe 1961-02-03".encode("utf-16-be"))
    clean = read(deidentified(ct(ICCProfile=profile)).data).ICCProfile
    assert "Doe".encode("utf-16-be") not in clean
    before, after = (ImageCms.ImageCmsProfile(BytesIO(it)) for it in (profile, clean))
    assert after.profile.red_colorant == before.profile.red_colorant
    assert after.profile.profile_description == "REMOVED"


@pytest.mark.parametrize("profile", [b"no profile of Doe^Jane 1961-02-03", b"\0" * 200])
def test_what_is_no_profile_goes(profile: bytes) -> None:
    assert "ICCProfile" not in read(deidentified(ct(ICCProfile=profile)).data)


@pytest.mark.parametrize(
    ("spelled", "term"),
    [
        *[(name, "ISO_IR 100") for name in ("ISO-IR 100", "ISO_IR_100", "ISO IR 100", "latin1", "ISO 8859-1")],
        *[(name, "ISO_IR 192") for name in ("UTF-8", "ISO 2022 IR 192", "ISO_IR_192", "utf8")],
        ("ISO_2022_IR_87", "ISO 2022 IR 87"),
    ],
)
def test_a_character_set_that_is_spelled_otherwise_is_written_as_the_standard_says(spelled: str, term: str) -> None:
    dataset = ct(SpecificCharacterSet=term, PatientName="Müller^Jürgen" if "87" not in term else "Doe^Jane")
    dataset.ImageFilterDescription, dataset.LUTExplanation = "of Müller" if "87" not in term else "x", "plain"
    padded, wanted = (it.encode() + b" " * (len(it) % 2) for it in (spelled, term))
    head = b"\x08\x00\x05\x00CS"
    data = file_of(dataset).replace(
        head + struct.pack("<H", len(wanted)) + wanted, head + struct.pack("<H", len(padded)) + padded
    )
    clean = read(deidentify(data, pseudonyms=PSEUDONYMS, dates=Dates.EMPTY).data)
    assert clean.SpecificCharacterSet == term
    assert "ller" not in str(clean.get(_KEPT))
    assert clean.LUTExplanation == "plain"


def test_files_of_a_patient_with_and_without_the_issuer_of_the_id_agree() -> None:
    files: list[Dataset] = [
        read(deidentified(ct(AcquisitionDate="20200103", **issuer), dates=Dates.SHIFT).data)
        for issuer in ({}, {"IssuerOfPatientID": "Rotwald"})
    ]
    first, second = ((it.PatientID, it.AcquisitionDate) for it in files)
    assert first == second


def test_a_nested_name_is_looked_for() -> None:
    clean = read(deidentified(ct(ReferencedImageSequence=item(PatientName="Roe^Ann"), LUTExplanation="ROEANN")).data)
    assert clean["LUTExplanation"].is_empty
