"""De-identify a dataset and all that is nested in it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset
from pydicom.multival import MultiValue
from pydicom.tag import Tag

from dicomkit.actions import Action, action_for
from dicomkit.dates import Dates, shifted
from dicomkit.dummies import dummy
from dicomkit.pseudonyms import Pseudonyms
from dicomkit.words import Words, words_of

TEXTS = frozenset({"AE", "CS", "LO", "LT", "PN", "SH", "ST", "UC", "UR", "UT"})
"""Representations whose values are read for words of removed values."""

_TIMES = frozenset({"DA", "DT", "TM"})
_BIRTH_DATE = Tag(0x0010, 0x0030)
_PATIENT_NAME, _PATIENT_ID = Tag(0x0010, 0x0010), Tag(0x0010, 0x0020)
# Codes of the picture's layout, and of the class. Files cannot be read without them.
_LAYOUT_GROUP = 0x0028
_CODES = {Tag(0x0008, 0x0008), Tag(0x0008, 0x0060), Tag(0x0008, 0x0005)}
# Values of these are identifiers of people and places, whose words are looked for elsewhere.
_IDENTIFYING = frozenset({"PN", "LO", "SH", "LT", "ST", "UT", "UC"})


@dataclass(frozen=True, kw_only=True)
class Rules:
    """What to do with values.

    `pseudonyms`: for UIDs and the patient. `dates`: the rule for dates. `days`: by how many days dates are shifted.
    `patient`: the pseudonym of the patient. `words`: words of removed values.
    """

    pseudonyms: Pseudonyms
    dates: Dates
    days: int
    patient: str
    words: Words


def removed_words(dataset: Dataset) -> Words:
    """Collect the words of all names and identifiers that the table removes or replaces, on every level."""
    return words_of(_removed_values(dataset))


def _removed_values(dataset: Dataset) -> Iterator[str]:
    for element in dataset:
        if element.VR == "SQ":
            for item in element.value:
                yield from _removed_values(item)
        elif element.VR in _IDENTIFYING and action_for(element.tag) is not Action.KEEP:
            yield from (str(value) for value in _values(element))


def walk(dataset: Dataset, *, rules: Rules) -> None:
    """Apply the table to every attribute of a dataset, and to those of its sequences, in place."""
    for tag in list(dataset.keys()):
        element = dataset[tag]
        _apply(dataset, element, rules=rules)


def _apply(dataset: Dataset, element: DataElement, *, rules: Rules) -> None:
    tag, action = element.tag, action_for(element.tag)
    if action is Action.REMOVE and not _keeps_time(element, rules=rules):
        del dataset[tag]
    elif tag in (_PATIENT_NAME, _PATIENT_ID):
        element.value = rules.patient
    elif element.VR == "SQ":
        _apply_to_sequence(element, action=action, rules=rules)
    elif element.VR in _TIMES:
        element.value = _time(element, action=action, rules=rules)
    elif element.VR == "UI":
        element.value = _each(element, {value: rules.pseudonyms.uid(value) for value in _values(element)})
    elif action is Action.EMPTY:
        element.value = None
    elif action is Action.REPLACE:
        _replace(dataset, element)
    elif not _is_kept(element, rules=rules):
        element.value = None
    elif element.VR in ("UN", "UR"):
        # Nobody can say what is in the one. The other is an address.
        del dataset[tag]


def _keeps_time(element: DataElement, *, rules: Rules) -> bool:
    return rules.dates is Dates.SHIFT and element.VR in _TIMES and element.tag != _BIRTH_DATE


def _apply_to_sequence(element: DataElement, *, action: Action, rules: Rules) -> None:
    if action in (Action.EMPTY, Action.REPLACE):
        element.value = []
        return
    for item in element.value:
        walk(item, rules=rules)


def _time(element: DataElement, *, action: Action, rules: Rules) -> object:
    if rules.dates is Dates.SHIFT and element.tag != _BIRTH_DATE:
        if element.VR == "TM":
            return element.value
        values = {value: shifted(str(value), vr=element.VR, days=rules.days) for value in _values(element)}
        return _each(element, values)
    return dummy(element.VR) if action is Action.REPLACE and element.value else None


def _replace(dataset: Dataset, element: DataElement) -> None:
    value = dummy(element.VR)
    if value is None:
        del dataset[element.tag]
    elif not element.is_empty:
        element.value = value


def _is_kept(element: DataElement, *, rules: Rules) -> bool:
    if element.VR == "PN":
        # No name is needed that the table does not know.
        return False
    is_code = element.tag.group == _LAYOUT_GROUP or element.tag in _CODES
    return is_code or element.VR not in TEXTS or not any(rules.words.is_in(str(value)) for value in _values(element))


def _values(element: DataElement) -> list[object]:
    value = element.value
    if value is None or value == "":
        return []
    return list(value) if isinstance(value, MultiValue) else [value]


def _each(element: DataElement, changed: Mapping[object, str]) -> object:
    values = [changed[value] for value in _values(element)]
    return values if len(values) > 1 else (values[0] if values else None)
