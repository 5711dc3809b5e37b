"""Each attribute of the dictionary, on several levels, gets the action of PS3.15's table or of the additions to it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import pytest
from dicomanonymizer.dicom_anonymization_databases import dicomfields_2026c as table
from pydicom._dicom_dict import DicomDictionary
from pydicom.datadict import dictionary_VR, tag_for_keyword
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset
from pydicom.tag import BaseTag, Tag
from tests.unit.dicomkit.dicom_files import ct, deidentified, item, read

from dicomkit import additions
from dicomkit.actions import Action, action_for

_TEXT = "PLAIN VALUE"
_OLD_UID = "1.2.826.0.1.3680043.8.77"
_VALUES: dict[str, object] = {
    **dict.fromkeys(("AE", "CS", "LO", "LT", "SH", "ST", "UC", "UT"), _TEXT),
    **dict.fromkeys(("DS", "IS"), "7"),
    **dict.fromkeys(("FD", "FL"), 7.0),
    **dict.fromkeys(("SL", "SS", "SV", "UL", "US", "UV"), 7),
    **dict.fromkeys(("OB", "OD", "OF", "OL", "OV", "OW"), b"\7" * 8),
    "AS": "033Y",
    "AT": 0x00100010,
    "DA": "20200229",
    "DT": "20200229142355",
    "TM": "142355",
    "PN": "Somebody^Else",
    "UI": _OLD_UID,
    "UR": "https://example.com/",
}
# The layout of the picture, what the file says of itself, and what is only valid elsewhere.
_NOT_LABELLED_GROUPS = (0x0000, 0x0002, 0x0004, 0x7FE0, 0xFFFE)
_LAYOUT = ct()
_SAID = {
    tag_for_keyword(name)
    for name in (
        *("PatientIdentityRemoved", "DeidentificationMethod", "DeidentificationMethodCodeSequence"),
        *("LongitudinalTemporalInformationModified", "SpecificCharacterSet", "NumberOfFrames"),
        "ConversionType",
    )
}
_REMOVED = {tuple(tag) for tag in table.X_TAGS}
_EMPTIED = {tuple(tag) for tag in [*table.Z_TAGS, *table.X_Z_TAGS]}
_REPLACED = {tuple(tag) for tag in [*table.D_TAGS, *table.Z_D_TAGS, *table.X_D_TAGS, *table.X_Z_D_TAGS]}
_IDENTIFIERS = {tuple(tag) for tag in [*table.U_TAGS, *table.X_Z_U_STAR_TAGS]}
_LISTED = _REMOVED | _EMPTIED | _REPLACED | _IDENTIFIERS
# What these words of a name mean is of a person, an order, a visit or a seal, or is typed by somebody.
_TELLING = re.compile(
    r"Comment|OrderNumber|HL7|Contact|Birth|Death|Telephone|Address|Signature|Encrypted|RecordKey|Patient.*Name|Remark"
    r"|Occupation|Insurance|Religio|Ethnic|Email|Passport|Itinerary|Certificate"
)


@dataclass(frozen=True)
class _Outcome:
    tag: BaseTag
    level: str
    expected: str
    found: str


def _labelled() -> list[BaseTag]:
    tags = [Tag(number) for number in DicomDictionary]
    return [
        tag
        for tag in tags
        if tag.group not in _NOT_LABELLED_GROUPS and tag not in _LAYOUT and tag not in _SAID and tag.element != 0
    ]


def _value(tag: BaseTag) -> object:
    vr = dictionary_VR(tag).split(" or ")[0]
    if vr == "SQ":
        return item(PatientName="Some^One", SliceThickness="1")
    value = _VALUES.get(vr)
    # A value that goes must not be one that stays: it would be looked for there.
    return "IDENTITY 4711" if value == _TEXT and action_for(tag) is not Action.KEEP else value


@cache
def _element(tag: BaseTag) -> DataElement | None:
    value = _value(tag)
    return None if value is None else DataElement(tag, dictionary_VR(tag).split(" or ")[0], value)


def _filled() -> Dataset:
    dataset = Dataset()
    for tag in _labelled():
        element = _element(tag)
        if element is not None:
            dataset.add(element)
    return dataset


def _expected(tag: BaseTag) -> str:
    key, vr = (tag.group, tag.element), dictionary_VR(tag)
    if key not in _LISTED:
        if tag in additions.REMOVED or additions.is_foreign(tag) or vr == "OB":
            return "removed"
        if tag in additions.REPLACED or tag in additions.EMPTIED:
            return "dummy" if tag in additions.REPLACED else "empty"
    if key in _REMOVED or tag.group in (0x5400,) or key in ((0x0088, 0x0200), (0x0400, 0x0500)) or vr == "UR":
        return "removed"
    if key in ((0x0010, 0x0010), (0x0010, 0x0020)):
        return "changed"
    if vr in ("DA", "DT", "TM"):
        return "dummy" if key in _REPLACED else "empty"
    if vr == "UI":
        return "changed"
    if key in _EMPTIED or vr == "PN" or (key in _REPLACED and vr == "SQ"):
        return "dummy" if key in _REPLACED and vr != "SQ" else "empty"
    if key in _REPLACED:
        return "dummy"
    return "walked" if vr == "SQ" else "kept"


def _found(dataset: Dataset, tag: BaseTag) -> str:
    if tag not in dataset:
        return "removed"
    element, original = dataset[tag], _element(tag)
    assert original is not None
    if element.is_empty:
        return "empty"
    if element.VR == "SQ":
        inner = element.value[0]
        return "walked" if "Some" not in str(inner) and "SliceThickness" in inner else "kept"
    if element.value == original.value:
        return "kept"
    says_something = str(element.value).startswith("2.25.") or len(str(element.value)) == 16
    return "changed" if says_something else "dummy"


def _outcomes() -> Iterator[_Outcome]:
    filled = _filled()
    per_frame, nested = item(FrameContentSequence=[filled]), item(ReferencedInstanceSequence=[filled])
    dataset = ct(PerFrameFunctionalGroupsSequence=per_frame, SourceImageSequence=nested)
    # It says that the picture was captured from a screen, which puts the file aside.
    screen = tag_for_keyword("ConversionType")
    dataset.update({tag: element for tag, element in filled.items() if tag not in dataset and tag != screen})
    clean = read(deidentified(dataset).data)
    levels = {
        "outermost": clean,
        "per frame": clean.PerFrameFunctionalGroupsSequence[0].FrameContentSequence[0],
        "nested": clean.SourceImageSequence[0].ReferencedInstanceSequence[0],
    }
    moved = {screen, *map(tag_for_keyword, ("PerFrameFunctionalGroupsSequence", "SourceImageSequence"))}
    for level, found in levels.items():
        for tag in _labelled():
            if _element(tag) is not None and not (level == "outermost" and tag in moved):
                yield _Outcome(tag, level, _expected(tag), _found(found, tag))


def test_at_least_999_of_1000_attributes_get_the_action_of_the_table() -> None:
    outcomes = list(_outcomes())
    misses = [outcome for outcome in outcomes if outcome.found != outcome.expected]
    for miss in misses:
        print(miss.tag, DicomDictionary[miss.tag][4], miss.level, "expected", miss.expected, "found", miss.found)
    assert len(outcomes) > 9000
    assert len(misses) <= len(outcomes) / 1000


@pytest.mark.parametrize(
    ("keyword", "action"),
    [
        ("PatientName", Action.EMPTY),
        ("PatientID", Action.REPLACE),
        ("PatientBirthDate", Action.EMPTY),
        ("PatientAge", Action.REMOVE),
        ("PatientComments", Action.REMOVE),
        ("StudyDescription", Action.REMOVE),
        ("SeriesDescription", Action.REMOVE),
        ("AccessionNumber", Action.EMPTY),
        ("InstitutionAddress", Action.REMOVE),
        ("OperatorsName", Action.REPLACE),
        ("StudyInstanceUID", Action.IDENTIFIER),
        ("FrameOfReferenceUID", Action.IDENTIFIER),
        ("IconImageSequence", Action.REMOVE),
        ("EncryptedAttributesSequence", Action.REMOVE),
        ("OriginalAttributesSequence", Action.REMOVE),
        ("WaveformSequence", Action.REMOVE),
        # The table does not name these.
        ("PatientBirthDateInAlternativeCalendar", Action.REMOVE),
        ("PatientDeathDateInAlternativeCalendar", Action.REMOVE),
        ("BreedRegistrationNumber", Action.REMOVE),
        ("PlacerOrderNumberProcedure", Action.REMOVE),
        ("FillerOrderNumberProcedure", Action.REMOVE),
        ("PlacerOrderNumberImagingServiceRequestRetired", Action.REMOVE),
        ("CommentsOnTheScheduledProcedureStep", Action.REMOVE),
        ("ContactDisplayName", Action.REMOVE),
        ("DeviceID", Action.REMOVE),
        ("HL7InstanceIdentifier", Action.REMOVE),
        ("Signature", Action.REMOVE),
        ("EncryptedContent", Action.REMOVE),
        ("RecordKey", Action.REMOVE),
        ("BoardingPassID", Action.REMOVE),
        ("TextValue", Action.REPLACE),
        ("ContentDescription", Action.EMPTY),
        ("PatientSpeciesDescription", Action.KEEP),
        ("AnatomicalOrientationType", Action.KEEP),
        ("ConvolutionKernel", Action.KEEP),
        ("Rows", Action.KEEP),
        ("PixelSpacing", Action.KEEP),
        ("ImagePositionPatient", Action.KEEP),
        ("KVP", Action.KEEP),
        ("Manufacturer", Action.KEEP),
    ],
)
def test_well_known_attributes(keyword: str, action: Action) -> None:
    tag = tag_for_keyword(keyword)
    assert tag is not None
    assert action_for(tag) is action


@pytest.mark.parametrize(
    "tag", [0x00090010, 0x00091001, 0x50000010, 0x60003000, 0x601E0022, 0x00187777, 0x7F000010, 0x00041130]
)
def test_private_repeated_and_unknown_attributes_are_removed(tag: int) -> None:
    assert action_for(tag) is Action.REMOVE


def test_no_text_or_data_stays_whose_name_tells_of_a_person_an_order_or_a_seal() -> None:
    texts = ("LO", "SH", "LT", "ST", "UT", "UC", "AE", "OB", "UN")
    stays = [
        keyword
        for number, (vr, _, _, _, keyword) in DicomDictionary.items()
        if vr in texts and number >> 16 not in _NOT_LABELLED_GROUPS and action_for(Tag(number)) is Action.KEEP
    ]
    assert [keyword for keyword in stays if _TELLING.search(keyword)] == []
