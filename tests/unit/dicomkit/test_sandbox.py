"""A hostile file costs no more than its limits, and breaks no process but its own."""

import zlib
from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt
import pytest
from pydicom.uid import DeflatedExplicitVRLittleEndian
from tests.unit.dicomkit.dicom_files import PSEUDONYMS, ct, deidentified, file_of

from dicomkit.burned_in import FoundText, TextReaderFailedError
from dicomkit.dates import Dates
from dicomkit.deidentify import Deidentified
from dicomkit.quarantine import Quarantined
from dicomkit.sandbox import deidentify_in_sandbox, worker

_MEMORY = 200_000_000


@pytest.fixture(scope="module", autouse=True)
def _no_worker_is_left() -> Iterator[None]:
    yield
    worker.close()


def broken_reader(_: npt.NDArray[np.uint8]) -> Sequence[FoundText]:
    """Fail as a reader does whose model is missing."""
    raise FileNotFoundError("Quistgaard")


def blind_reader(_: npt.NDArray[np.uint8]) -> Sequence[FoundText]:
    """See nothing."""
    return []


def _clean(data: bytes, *, reader: str | None = None) -> Deidentified:
    return deidentify_in_sandbox(
        data, pseudonyms=PSEUDONYMS, dates=Dates.EMPTY, reader=reader, max_memory=_MEMORY, max_seconds=20
    )


def test_the_worker_makes_the_same_file() -> None:
    assert _clean(file_of(ct())) == deidentified(ct())


def test_a_reader_is_named_by_its_module() -> None:
    assert b"113101" in _clean(file_of(ct()), reader=f"{__name__}:blind_reader").data


def test_a_reader_that_fails_is_no_quarantine_and_tells_no_value() -> None:
    with pytest.raises(TextReaderFailedError) as failure:
        _clean(file_of(ct()), reader=f"{__name__}:broken_reader")
    assert str(failure.value) == "FileNotFoundError"


def test_a_quarantine_keeps_its_reason() -> None:
    with pytest.raises(Quarantined, match="NOT_DICOM"):
        _clean(b"nothing")


def test_a_deflate_bomb_is_too_large() -> None:
    data = file_of(ct(), syntax=DeflatedExplicitVRLittleEndian)
    packer = zlib.compressobj(wbits=-15)
    zeros = b"\0" * 10_000_000
    bomb = b"".join(packer.compress(zeros) for _ in range(30)) + packer.flush()
    with pytest.raises(Quarantined, match="TOO_LARGE"):
        _clean(data[: _dataset_start(data)] + bomb)


def _dataset_start(data: bytes) -> int:
    # The group length of the file meta says how far they go (PS3.10, 7.1).
    return 144 + int.from_bytes(data[140:144], "little")


def test_nesting_without_an_end_is_not_released() -> None:
    item = b"\x08\x00\x12\x21SQ\0\0\xff\xff\xff\xff\xfe\xff\x00\xe0\xff\xff\xff\xff"
    with pytest.raises(Quarantined):
        _clean(file_of(ct())[: _dataset_start(file_of(ct()))] + item * 100_000)
    assert _clean(file_of(ct())) == deidentified(ct())
