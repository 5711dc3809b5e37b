"""De-identify one file."""

import logging
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from io import BytesIO

import numpy as np
import numpy.typing as npt
from pydicom import config, dcmread
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.errors import InvalidDicomError
from pydicom.sequence import Sequence
from pydicom.tag import BaseTag
from pydicom.uid import UID, ExplicitVRLittleEndian

from dicomkit.burned_in import FindText, TextReaderFailedError, without_text
from dicomkit.classes import validate_class, validate_no_annotation, validate_not_said_burned_in, validate_picture
from dicomkit.encapsulated import shown_frames
from dicomkit.layout import Layout, layout_of
from dicomkit.native import shown_bytes, shown_words
from dicomkit.pseudonyms import Pseudonyms
from dicomkit.quarantine import Quarantined, QuarantineReason
from dicomkit.removed import removed_words
from dicomkit.walk import PIXEL_DATA, Rules, walk
from dicomkit.words import Words
from safelight_contracts.redaction.dicom import Dates

# 2.25. and a random UUID, made once: it names this program, not an installation of it.
_IMPLEMENTATION = "2.25.288427126352467091216530287305843107841"
_VERSION = "SAFELIGHT"
_BYTE = 8
_NEW_UID = re.compile(r"2\.25\.\d+")
# Codes of PS3.16, context group 7050.
_BASIC_PROFILE = ("113100", "Basic Application Confidentiality Profile")
_MODIFIED_DATES = ("113107", "Retain Longitudinal Temporal Information Modified Dates Option")
_CLEAN_PIXELS = ("113101", "Clean Pixel Data Option")


@dataclass(frozen=True, kw_only=True)
class Deidentified:
    """A file that can be released.

    `data`: the file. `key`: `STUDY/SERIES/INSTANCE.dcm`, of the new UIDs. `refused`: attributes that the profile keeps,
    and that are emptied or removed because a name, an identifier or an invalid value was in them, as `(0018,1030)`.
    """

    data: bytes
    key: str
    refused: list[str]


@dataclass(frozen=True, kw_only=True)
class _Picture:
    pixels: bytes
    syntax: UID
    codes: list[tuple[str, str]]


def deidentify(data: bytes, *, pseudonyms: Pseudonyms, dates: Dates) -> Deidentified:
    """De-identify a file by the basic profile of PS3.15. Nobody looks for text in its picture.

    `data`: the whole file. The compressed or plain pixels stay byte for byte. Comments in them, bytes that belong to no
    frame, and bits that are no pixels go.

    Raises
    ------
    Quarantined
        If it is not sure that nothing is left.
    """
    with _silent(), _no_values_in_errors():
        dataset = _read(data)
        validate_no_annotation(dataset)
        words = removed_words(dataset)
        picture = _shown(dataset, layout=layout_of(dataset), words=words)
        return _deidentified(dataset, picture=picture, words=words, pseudonyms=pseudonyms, dates=dates)


def deidentify_with_picture(data: bytes, *, pseudonyms: Pseudonyms, dates: Dates, find_text: FindText) -> Deidentified:
    """De-identify a file as `deidentify` does, and fill text that is burned into its picture.

    If the header says that there is text, the file is not released: it may be a bar code or handwriting, which no
    reader of text finds.

    `find_text`: finds text in a grey picture. If there is text, the pixels are written without compression. A lossy
    picture is not compressed again. Otherwise they stay as `deidentify` leaves them.

    Raises
    ------
    Quarantined
        If it is not sure that nothing is left.
    TextReaderFailedError
        If the reader of text fails.
    """
    with _silent(), _no_values_in_errors():
        dataset = _read(data)
        validate_not_said_burned_in(dataset)
        words, layout = removed_words(dataset), layout_of(dataset)
        picture = _shown(dataset, layout=layout, words=words)
        dataset[PIXEL_DATA].value = picture.pixels
        frames = without_text(dataset, layout=layout, words=words, find_text=find_text)
        if frames is not None:
            picture = _filled(dataset, frames=frames, layout=layout)
        dataset.BurnedInAnnotation = "NO"
        picture = replace(picture, codes=[_CLEAN_PIXELS])
        return _deidentified(dataset, picture=picture, words=words, pseudonyms=pseudonyms, dates=dates)


def _deidentified(
    dataset: FileDataset, *, picture: _Picture, words: Words, pseudonyms: Pseudonyms, dates: Dates
) -> Deidentified:
    refused = walk(dataset, rules=_rules(dataset, pseudonyms=pseudonyms, dates=dates, words=words))
    dataset[PIXEL_DATA].value = picture.pixels
    _say_so(dataset, dates=dates, codes=picture.codes)
    return Deidentified(
        data=_written(dataset, syntax=picture.syntax),
        key=_key(dataset),
        refused=sorted({_name(tag) for tag in refused}),
    )


@contextmanager
def _silent() -> Iterator[None]:
    # pydicom quotes invalid values in warnings and in its log.
    log = logging.getLogger("pydicom")
    was = log.disabled
    log.disabled = True
    try:
        with warnings.catch_warnings(), config.disable_value_validation():
            warnings.simplefilter("ignore")
            yield
    finally:
        log.disabled = was


@contextmanager
def _no_values_in_errors() -> Iterator[None]:
    try:
        yield
    except (Quarantined, TextReaderFailedError, MemoryError):
        raise
    except RecursionError:
        raise Quarantined(QuarantineReason.TOO_DEEP) from None
    except InvalidDicomError:
        raise Quarantined(QuarantineReason.NOT_DICOM) from None
    except Exception:
        # pydicom raises many types for damaged files, and their messages can hold values.
        raise Quarantined(QuarantineReason.MALFORMED) from None


def _read(data: bytes) -> FileDataset:
    dataset = dcmread(BytesIO(data))
    for uid in (dataset.file_meta.get("MediaStorageSOPClassUID"), dataset.get("SOPClassUID")):
        validate_class(str(uid or ""))
    validate_picture(dataset)
    return dataset


def _rules(dataset: Dataset, *, pseudonyms: Pseudonyms, dates: Dates, words: Words) -> Rules:
    # Without an ID, each study is a patient of its own.
    patient = str(dataset.get("PatientID") or "").strip() or str(dataset.get("StudyInstanceUID") or "")
    # The issuer of the ID is missing in some files of a study and present in others.
    return Rules(
        pseudonyms=pseudonyms,
        dates=dates,
        days=pseudonyms.days(patient),
        patient=pseudonyms.patient(patient),
        words=words,
    )


def _shown(dataset: FileDataset, *, layout: Layout, words: Words) -> _Picture:
    syntax, data = dataset.file_meta.TransferSyntaxUID, dataset.PixelData
    if not syntax.is_transfer_syntax or syntax.is_private:
        raise Quarantined(QuarantineReason.UNDECODABLE)
    if syntax.is_encapsulated:
        shown = shown_frames(data, layout=layout, syntax=syntax)
    elif layout.allocated == _BYTE and dataset[PIXEL_DATA].VR == "OW" and not syntax.is_little_endian:
        shown = shown_words(data, layout=layout)
    else:
        shown = shown_bytes(data, layout=layout, little_endian=syntax.is_little_endian)
    if words.is_in_bytes(shown):
        raise Quarantined(QuarantineReason.TEXT_LEFT)
    return _Picture(pixels=shown, syntax=syntax, codes=[])


def _filled(dataset: FileDataset, *, frames: list[npt.NDArray[np.generic]], layout: Layout) -> _Picture:
    if layout.allocated < 8:
        raise Quarantined(QuarantineReason.TEXT_LEFT)
    syntax = dataset.file_meta.TransferSyntaxUID
    if syntax.is_encapsulated:
        syntax = ExplicitVRLittleEndian
    dtype = frames[0].dtype.newbyteorder("<" if syntax.is_little_endian else ">")
    pixels = b"".join(frame.astype(dtype).tobytes() for frame in frames)
    pixels += b"\0" * (len(pixels) % 2)
    dataset[PIXEL_DATA] = DataElement(PIXEL_DATA, "OB" if layout.allocated == 8 else "OW", pixels)
    if layout.samples > 1:
        dataset.PhotometricInterpretation, dataset.PlanarConfiguration = "RGB", 0
    return _Picture(pixels=pixels, syntax=syntax, codes=[])


def _say_so(dataset: Dataset, *, dates: Dates, codes: list[tuple[str, str]]) -> None:
    codes = [_BASIC_PROFILE, *codes, *([_MODIFIED_DATES] if dates is Dates.SHIFT else [])]
    dataset.PatientIdentityRemoved = "YES"
    dataset.DeidentificationMethod = "Safelight: PS3.15 basic profile"
    dataset.DeidentificationMethodCodeSequence = Sequence([_code(*code) for code in codes])
    dataset.LongitudinalTemporalInformationModified = "MODIFIED" if dates is Dates.SHIFT else "REMOVED"


def _code(value: str, meaning: str) -> Dataset:
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = value, "DCM", meaning
    return item


def _written(dataset: FileDataset, *, syntax: UID) -> bytes:
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = dataset.SOPClassUID
    meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    meta.TransferSyntaxUID = syntax
    meta.ImplementationClassUID = UID(_IMPLEMENTATION)
    meta.ImplementationVersionName = _VERSION
    dataset.file_meta = meta
    dataset.preamble = b"\0" * 128
    file = BytesIO()
    dataset.save_as(file, enforce_file_format=True)
    return file.getvalue()


def _key(dataset: Dataset) -> str:
    uids = [str(dataset.get(name) or "") for name in ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID")]
    # Neither several values nor a registered UID, which would be the same in all files.
    if not all(_NEW_UID.fullmatch(uid) for uid in uids):
        raise Quarantined(QuarantineReason.MALFORMED)
    return "/".join(uids) + ".dcm"


def _name(tag: BaseTag) -> str:
    return f"({tag.group:04X},{tag.element:04X})"
