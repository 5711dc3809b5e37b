"""The names and identifiers of a dataset that the table removes or replaces."""

import re
from collections.abc import Iterator

from pydicom.datadict import keyword_for_tag
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset

from dicomkit.actions import Action, action_for
from dicomkit.raw import texts_of, vr_of
from dicomkit.words import Words, words_of

_PATIENT_GROUP = 0x0010
_TEXTS = frozenset({"LO", "SH", "LT", "ST", "UT", "UC", "AE", "CS"})
_PATIENT = re.compile(r"(IDs?|Names?|Numbers?|Address|Residence|Information|Contacts?)$")
_IDENTIFIER = re.compile(r"(IDs?|AccessionNumber|SerialNumber|OrderNumber\w*)$")
_PLACE = re.compile(r"Institution|Station|Address|Department|Location|Facility|Organization")


def removed_words(dataset: Dataset) -> Words:
    """Collect the words of all names and identifiers that do not stay, on every level, and of their dates."""
    names: list[str] = []
    identifiers: list[str] = []
    places: list[str] = []
    for element in _elements(dataset):
        keyword = keyword_for_tag(element.tag)
        texts = texts_of(element)
        if element.VR == "PN":
            names += texts
        elif element.VR in ("DA", "DT"):
            identifiers += [text[:8] for text in texts if len(text) >= len("YYYYMMDD")]
        elif element.tag.group == _PATIENT_GROUP and _PATIENT.search(keyword):
            names += texts
            identifiers += texts
        elif _IDENTIFIER.search(keyword):
            identifiers += texts
        elif _PLACE.search(keyword):
            places += texts
    devices = " ".join(str(dataset.get(name) or "") for name in ("Manufacturer", "ManufacturerModelName"))
    return words_of(names=names, identifiers=identifiers, places=places, devices=devices)


def _elements(dataset: Dataset) -> Iterator[DataElement]:
    for tag in dataset.keys():  # noqa: SIM118 - a dataset iterates over elements, and converts each
        raw = dataset.get_item(tag)
        vr = vr_of(raw)
        if vr == "SQ":
            for item in dataset[tag].value:
                yield from _elements(item)
        elif vr in ("PN", "DA", "DT") or (vr in _TEXTS and action_for(tag) is not Action.KEEP):
            yield dataset[tag]
