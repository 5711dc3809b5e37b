"""Elements as they are in the file, which are not converted before they are needed."""

from functools import lru_cache

from pydicom.datadict import dictionary_VR
from pydicom.dataelem import DataElement, RawDataElement
from pydicom.dataset import Dataset
from pydicom.errors import BytesLengthException
from pydicom.multival import MultiValue
from pydicom.tag import BaseTag

_UNKNOWN = "UN"


def vr_of(element: DataElement | RawDataElement) -> str:
    """Return the representation: the file's, or the dictionary's if the file has none."""
    return str(element.VR) if element.VR not in (None, _UNKNOWN) else listed_vr(element.tag)


# Bounded: a hostile file can have any number of different tags.
@lru_cache(maxsize=8192)
def listed_vr(tag: int) -> str:
    """Return the representation in the dictionary, or UN if there is none. It may be two: `US or SS`."""
    try:
        return str(dictionary_VR(tag))
    except KeyError:
        return _UNKNOWN


def bytes_of(element: DataElement | RawDataElement) -> bytes:
    """Return the value in bytes, or none if it has been converted."""
    value = element.value
    return value if isinstance(value, bytes) else b""


def texts_of(element: DataElement) -> list[str]:
    """Return the values of a converted element as text."""
    value = element.value
    if value is None or value == "":
        return []
    return [str(one) for one in value] if isinstance(value, MultiValue | list) else [str(value)]


def numbers_of(dataset: Dataset, tag: BaseTag) -> list[float] | None:
    """Return the values of binary numbers, or None if their bytes are no whole numbers of values."""
    try:
        element = dataset[tag]
    except BytesLengthException:
        return None
    # Integers of 64 bits stay integers: a number of floating point has fewer digits.
    return [
        value
        for value in (element.value if isinstance(element.value, list | MultiValue) else [element.value])
        if isinstance(value, int | float)
    ]
