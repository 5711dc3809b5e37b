"""Which classes of files are released."""

from pydicom.uid import UID, MediaStorageDirectoryStorage

from dicomkit.quarantine import Quarantined, QuarantineReason

# The first numbers of the UIDs of storage classes (PS3.4, B.5).
_REFUSED = {
    "1.2.840.10008.5.1.4.1.1.7": QuarantineReason.SECONDARY_CAPTURE,
    "1.2.840.10008.5.1.4.1.1.88": QuarantineReason.STRUCTURED_REPORT,
    "1.2.840.10008.5.1.4.1.1.104": QuarantineReason.ENCAPSULATED_DOCUMENT,
    "1.2.840.10008.5.1.4.1.1.481": QuarantineReason.RADIOTHERAPY,
    "1.2.840.10008.5.1.4.1.1.11": QuarantineReason.PRESENTATION_STATE,
    "1.2.840.10008.1.3.10": QuarantineReason.DIRECTORY,
}


def validate_class(uid: str) -> None:
    """Validate that files of a class can be released.

    Raises
    ------
    Quarantined
        If they cannot.
    """
    if uid == MediaStorageDirectoryStorage:
        raise Quarantined(QuarantineReason.DIRECTORY)
    for prefix, reason in _REFUSED.items():
        if uid == prefix or uid.startswith(f"{prefix}."):
            raise Quarantined(reason)
    if UID(uid).type != "SOP Class":
        raise Quarantined(QuarantineReason.UNKNOWN_CLASS)
