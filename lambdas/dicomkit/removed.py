"""The names and identifiers of a dataset that the table removes or replaces."""

import re
from collections.abc import Iterator

from pydicom.datadict import keyword_for_tag
from pydicom.dataset import Dataset
from pydicom.tag import BaseTag

from dicomkit.actions import Action, action_for
from dicomkit.raw import bytes_of, listed_vr, numbers_of, texts_of, vr_of
from dicomkit.words import Words, words_of

_PATIENT_GROUP = 0x0010
_NAMES, _TIMES, _TEXTS = "PN", ("DA", "DT"), frozenset({"LO", "SH", "LT", "ST", "UT", "UC", "AE", "CS"})
_NUMBERS = frozenset({"UL", "SL", "UV", "SV", "US", "SS", "FD", "FL"})
# No identifier is longer (PS3.5, 6.2), in UTF-16.
_LONGEST = 2 * 1024
_PATIENT = re.compile(r"(IDs?|Names?|Numbers?|Address|Residence|Information|Contacts?)$")
_IDENTIFIER = re.compile(r"(IDs?|AccessionNumber|SerialNumber|OrderNumber\w*)$")
_PLACE = re.compile(r"Institution|Station|Address|Department|Location|Facility|Organization")


def removed_words(dataset: Dataset) -> Words:
    """Collect the words of all names and identifiers that do not stay, on every level, and of their dates.

    What an attribute is for decides, and not the representation that the file says.
    """
    names: list[str] = []
    identifiers: list[str] = []
    dates: list[str] = []
    places: list[str] = []
    for tag, vr, texts in _values(dataset):
        keyword = keyword_for_tag(tag)
        if _NAMES in (vr, listed_vr(tag)):
            names += texts
        elif vr in _TIMES or listed_vr(tag) in _TIMES:
            dates += texts
        elif tag.group == _PATIENT_GROUP and _PATIENT.search(keyword):
            names += texts
            identifiers += texts
        elif _IDENTIFIER.search(keyword):
            identifiers += texts
        elif _PLACE.search(keyword):
            places += texts
    devices = " ".join(str(dataset.get(name) or "") for name in ("Manufacturer", "ManufacturerModelName"))
    return words_of(names=names, identifiers=identifiers, dates=dates, places=places, devices=devices)


def _values(dataset: Dataset) -> Iterator[tuple[BaseTag, str, list[str]]]:
    for tag in dataset.keys():  # noqa: SIM118 - a dataset iterates over elements, and converts each
        raw = dataset.get_item(tag)
        vr, listed = vr_of(raw), listed_vr(tag)
        if vr == "SQ":
            for item in dataset[tag].value:
                yield from _values(item)
        elif {vr, listed} & {_NAMES, *_TIMES} or (listed in _TEXTS and action_for(tag) is not Action.KEEP):
            yield tag, vr, _texts(dataset, tag, vr=vr)


def _texts(dataset: Dataset, tag: BaseTag, *, vr: str) -> list[str]:
    if vr in _TEXTS or vr in (_NAMES, *_TIMES):
        return texts_of(dataset[tag])
    if vr in _NUMBERS:
        # A device that knows no better writes an identifier as a number.
        return [f"{number:.0f}" for number in numbers_of(dataset, tag) or ()]
    data = bytes_of(dataset.get_item(tag))[:_LONGEST]
    # ASCII in UTF-16 is ASCII without zeros.
    return [data.replace(b"\0", b"").decode("utf-8", "replace"), data.decode("utf-16-le", "replace")] if data else []
