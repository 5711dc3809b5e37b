"""De-identify a dataset and all that is nested in it."""

from dataclasses import dataclass

from pydicom.dataelem import DataElement, RawDataElement
from pydicom.dataset import Dataset
from pydicom.tag import BaseTag, Tag

from dicomkit.actions import Action, action_for
from dicomkit.additions import COLOUR_PROFILE
from dicomkit.colour_profiles import plain_profile
from dicomkit.dates import kept_time, shifted
from dicomkit.dummies import dummy
from dicomkit.kept import (
    BINARY,
    BINARY_NUMBERS,
    CHARACTER_SET,
    NUMBERS,
    TEXTS,
    has_own_vr,
    may_keep_binary_number,
    may_keep_number,
    may_keep_text,
    standard_character_sets,
)
from dicomkit.pseudonyms import Pseudonyms
from dicomkit.quarantine import Quarantined, QuarantineReason
from dicomkit.raw import bytes_of, listed_vr, numbers_of, texts_of, vr_of
from dicomkit.words import Words
from safelight_contracts.redaction.dicom import Dates

PIXEL_DATA = Tag(0x7FE0, 0x0010)
"""The picture. Of the outermost dataset it stays, and others go."""

_TIMES = frozenset({"DA", "DT", "TM"})
_FIRST_GROUP, _PATIENT_GROUP, _PIXEL_GROUP = 0x0008, 0x0010, 0x7FE0
_PATIENT_NAME, _PATIENT_ID = Tag(0x0010, 0x0010), Tag(0x0010, 0x0020)
_MAX_DEPTH = 30
_UNDEFINED, _BYTES = 0xFFFFFFFF, "OB"


@dataclass(frozen=True, kw_only=True)
class Rules:
    """What to do with values.

    `pseudonyms`: for UIDs. `dates`: the rule for dates. `days`: by how many days dates are shifted. `patient`: the
    pseudonym of the patient. `words`: words of removed values.
    """

    pseudonyms: Pseudonyms
    dates: Dates
    days: int
    patient: str
    words: Words


def walk(dataset: Dataset, *, rules: Rules) -> list[BaseTag]:
    """Apply the table to every attribute of a dataset, and to those of its sequences, in place.

    Return the attributes that the table keeps, and that are emptied or removed because of their value.

    Raises
    ------
    Quarantined
        `MALFORMED` if a UID, or an attribute that files cannot be read without, is no valid one. `TOO_DEEP` if there
        are more than 30 levels.
    """
    return _walk(dataset, rules=rules, depth=0)


def _walk(dataset: Dataset, *, rules: Rules, depth: int) -> list[BaseTag]:
    if depth > _MAX_DEPTH:
        raise Quarantined(QuarantineReason.TOO_DEEP)
    refused: list[BaseTag] = []
    for tag in list(dataset.keys()):
        if tag.group != _PIXEL_GROUP:
            refused += _apply(dataset, tag, rules=rules, depth=depth)
        elif depth or tag != PIXEL_DATA:
            del dataset[tag]
    return refused


def _apply(dataset: Dataset, tag: BaseTag, *, rules: Rules, depth: int) -> list[BaseTag]:
    action = action_for(tag)
    if tag in (_PATIENT_NAME, _PATIENT_ID):
        dataset[tag] = DataElement(tag, listed_vr(tag), rules.patient)
        return []
    shifts = rules.dates is Dates.SHIFT and tag.group >= _FIRST_GROUP and tag.group != _PATIENT_GROUP
    if action is Action.REMOVE and not (shifts and _is_time(tag)):
        del dataset[tag]
        return []
    element = dataset.get_item(tag)
    vr = vr_of(element)
    if _is_time(tag) and shifts and vr in _TIMES:
        dataset[tag] = DataElement(tag, vr, _time(dataset[tag], rules=rules))
    elif action in (Action.REMOVE, Action.EMPTY, Action.REPLACE) or _is_time(tag):
        _replace(dataset, element, action=action)
    elif tag == CHARACTER_SET:
        dataset[tag] = DataElement(tag, "CS", standard_character_sets(texts_of(dataset[tag])))
    elif not has_own_vr(tag, vr=vr):
        return _refuse_vr(dataset, tag, action=action)
    elif vr == "SQ":
        return [one for item in dataset[tag].value for one in _walk(item, rules=rules, depth=depth + 1)]
    elif vr == "UI":
        dataset[tag] = DataElement(tag, "UI", [rules.pseudonyms.uid(uid) for uid in texts_of(dataset[tag])])
    elif tag == COLOUR_PROFILE:
        return _apply_profile(dataset, element, rules=rules)
    elif action is Action.IDENTIFIER or vr == "PN" or not _may_keep(dataset, element, vr=vr, rules=rules):
        # No name is needed that the table does not know.
        dataset[tag] = DataElement(tag, vr.split(" or ")[0], None)
        return [tag]
    return []


def _apply_profile(dataset: Dataset, element: DataElement | RawDataElement, *, rules: Rules) -> list[BaseTag]:
    profile = plain_profile(bytes_of(element))
    if profile is None or rules.words.is_in_attribute(profile):
        del dataset[element.tag]
        return [element.tag]
    dataset[element.tag] = DataElement(element.tag, "OB", profile + b"\0" * (len(profile) % 2))
    return []


def _refuse_vr(dataset: Dataset, tag: BaseTag, *, action: Action) -> list[BaseTag]:
    if action is Action.IDENTIFIER or tag.group == 0x0028:
        raise Quarantined(QuarantineReason.MALFORMED)
    del dataset[tag]
    return [tag]


def _is_time(tag: BaseTag) -> bool:
    return listed_vr(tag) in _TIMES


def _time(element: DataElement, *, rules: Rules) -> list[str]:
    if element.VR == "TM":
        return [kept_time(text) for text in texts_of(element)]
    return [shifted(text, vr=element.VR, days=rules.days) for text in texts_of(element)]


def _replace(dataset: Dataset, element: DataElement | RawDataElement, *, action: Action) -> None:
    # The dictionary's representation: what the file says may be invalid.
    vr = listed_vr(element.tag).split(" or ")[0]
    value = dummy(vr) if action is Action.REPLACE and element.value else None
    dataset[element.tag] = DataElement(element.tag, vr, [] if vr == "SQ" else value)


def _may_keep(dataset: Dataset, element: DataElement | RawDataElement, *, vr: str, rules: Rules) -> bool:
    tag = element.tag
    if vr in TEXTS:
        return may_keep_text(tag, vr=vr, texts=texts_of(dataset[tag]), words=rules.words)
    if vr in NUMBERS:
        return may_keep_number(bytes_of(element), vr=vr, words=rules.words)
    # Nobody can say what is in UN and OB. Of these, pictures need nothing but the profile of colours.
    if vr == _BYTES or not set(vr.split(" or ")) <= BINARY or getattr(element, "length", 0) == _UNDEFINED:
        return False
    # The bytes of numbers can spell a name.
    if rules.words.is_in_attribute(bytes_of(element)):
        return False
    if vr in BINARY_NUMBERS:
        numbers = numbers_of(dataset, tag)
        return numbers is not None and may_keep_binary_number(numbers, words=rules.words)
    return True
