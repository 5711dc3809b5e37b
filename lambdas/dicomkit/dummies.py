"""Values that replace others, by their representation (VR)."""

from typing import Any

from dicomkit.dates import DUMMIES

_TEXT = "REMOVED"
_BY_VR: dict[str, Any] = {
    **DUMMIES,
    **dict.fromkeys(("AE", "CS", "LO", "LT", "PN", "SH", "ST", "UC", "UT"), _TEXT),
    **dict.fromkeys(("DS", "IS"), "0"),
    **dict.fromkeys(("FD", "FL"), 0.0),
    **dict.fromkeys(("SL", "SS", "SV", "UL", "US", "UV"), 0),
    **dict.fromkeys(("OB", "OW"), b"\0\0"),
    "AS": "000Y",
}


def dummy(vr: str) -> Any | None:
    """Return a value of a VR that says nothing, or None if there is none for it."""
    return _BY_VR.get(vr)
