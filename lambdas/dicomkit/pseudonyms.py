"""Keyed pseudonyms: the same in every function, and of no use without the key."""

import hmac
from dataclasses import dataclass, field
from hashlib import sha256

from pydicom.config import IGNORE
from pydicom.uid import UID

from safelight_contracts.redaction.dicom_index import keyed_name

# UUID-derived (PS3.5, B.2). 128 bits have at most 39 digits: 44 characters of the 64 allowed.
_UUID_ROOT = "2.25."
# Ten years. The shift is at least a day.
_MAX_DAYS = 3652


@dataclass(frozen=True, kw_only=True)
class Pseudonyms:
    """Makes pseudonyms with a secret key.

    Parameters
    ----------
    key
        At least 32 random bytes.

    Raises
    ------
    ValueError
        If the key is shorter.
    """

    key: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.key) < 32:
            raise ValueError("The key has fewer than 32 bytes. Use 32 random bytes or more.")

    def uid(self, uid: str) -> str:
        """Return the new UID for one. Registered UIDs and the empty one stay."""
        plain = uid.strip("\0 ")
        # Registered by DICOM: classes, transfer syntaxes, well-known instances. They say nothing of a patient.
        if not plain or UID(plain, validation_mode=IGNORE).type:
            return plain
        return _UUID_ROOT + str(int.from_bytes(self._digest("uid", plain)[:16], "big"))

    def patient(self, patient_id: str) -> str:
        """Return 16 hexadecimal digits for a patient."""
        return self._digest("patient", patient_id).hex()[:16]

    def days(self, patient_id: str) -> int:
        """Return by how many days the dates of a patient are moved into the past: 1 to 3,652."""
        digest = self._digest("days", patient_id)
        return 1 + int.from_bytes(digest[:8], "big") % _MAX_DAYS

    def name(self, *parts: str) -> str:
        """Return 32 hexadecimal digits for texts that may not be shown, such as the key of an object."""
        return keyed_name(*parts, secret=self.key)

    def _digest(self, purpose: str, text: str) -> bytes:
        return hmac.new(self.key, f"{purpose}\0{text}".encode(), sha256).digest()
