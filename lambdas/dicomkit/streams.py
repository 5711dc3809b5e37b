"""What all compressed streams of a frame are held against."""

import struct

from dicomkit.layout import Layout
from dicomkit.quarantine import Quarantined, QuarantineReason

UINT16, UINT32 = struct.Struct(">H"), struct.Struct(">I")


def read(number: struct.Struct, data: bytes, *, at: int) -> int:
    """Read a number. Raises Quarantined (`UNDECODABLE`) if the data end before."""
    try:
        return int(number.unpack_from(data, at)[0])
    except struct.error:
        raise Quarantined(QuarantineReason.UNDECODABLE) from None


def validate_size(*, rows: int, columns: int, layout: Layout) -> None:
    """Validate that a stream has the size of the header. Raises Quarantined (`UNDECODABLE`)."""
    if (rows, columns) != (layout.rows, layout.columns):
        raise Quarantined(QuarantineReason.UNDECODABLE)


def validate_precision(bits: int, *, layout: Layout) -> None:
    """Validate that samples have no more bits than the header says. Raises Quarantined (`HIDDEN_DATA`)."""
    # Bits that the header does not call pixels can be an old overlay.
    if bits > layout.stored or layout.high + 1 != layout.stored:
        raise Quarantined(QuarantineReason.HIDDEN_DATA)
