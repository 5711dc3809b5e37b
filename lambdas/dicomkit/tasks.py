"""Tasks that a worker performs on medical images. Results are plain values and bytes."""

from functools import partial
from pkgutil import resolve_name
from typing import Any

from dicomkit.burned_in import TextReaderFailedError
from dicomkit.dates import Dates
from dicomkit.deidentify import Deidentified, deidentify, deidentify_with_picture
from dicomkit.pseudonyms import Pseudonyms
from dicomkit.quarantine import Quarantined


def make_deidentified(
    data: bytes, *, key: bytes, dates: Dates, reader: str | None
) -> tuple[dict[str, Any], list[bytes]]:
    """De-identify a file: why it is put aside, or its key and the refused attributes, and the file.

    `reader`: the function that finds text, as `module:name`. None: nobody looks for text.
    """
    work = deidentify if reader is None else partial(deidentify_with_picture, find_text=resolve_name(reader))
    try:
        clean: Deidentified = work(data, pseudonyms=Pseudonyms(key=key), dates=dates)
    except Quarantined as quarantined:
        return {"quarantined": quarantined.reason}, []
    except TextReaderFailedError as failure:
        return {"reader_failed": str(failure)}, []
    return {"key": clean.key, "refused": clean.refused}, [clean.data]
