"""Which files are released."""

from pydicom.dataset import Dataset
from pydicom.uid import UID

from dicomkit.quarantine import Quarantined, QuarantineReason

# The first numbers of the UIDs of storage classes (PS3.4, B.5).
_REFUSED = {
    "1.2.840.10008.5.1.4.1.1.7": QuarantineReason.SECONDARY_CAPTURE,
    "1.2.840.10008.5.1.4.1.1.88": QuarantineReason.STRUCTURED_REPORT,
    "1.2.840.10008.5.1.4.1.1.104": QuarantineReason.ENCAPSULATED_DOCUMENT,
    "1.2.840.10008.5.1.4.1.1.481": QuarantineReason.RADIOTHERAPY,
    "1.2.840.10008.5.1.4.1.1.11": QuarantineReason.PRESENTATION_STATE,
    "1.2.840.10008.5.1.4.1.1.77.1.4": QuarantineReason.PHOTOGRAPH,
    "1.2.840.10008.1.3.10": QuarantineReason.DIRECTORY,
}
# Ultrasound machines write the patient's name into the picture.
_ANNOTATED_BY_DEVICES = ("1.2.840.10008.5.1.4.1.1.3.1", "1.2.840.10008.5.1.4.1.1.6.")
_YES, _NO = "YES", "NO"


def validate_class(uid: str) -> None:
    """Validate that files of a class can be released.

    Raises
    ------
    Quarantined
        If they cannot.
    """
    for prefix, reason in _REFUSED.items():
        if uid == prefix or uid.startswith(f"{prefix}."):
            raise Quarantined(reason)
    if UID(uid).type != "SOP Class":
        raise Quarantined(QuarantineReason.UNKNOWN_CLASS)


def validate_picture(dataset: Dataset) -> None:
    """Validate that a dataset has one picture, in which no face can be recognised as far as the header says.

    Raises
    ------
    Quarantined
        If not.
    """
    if "PixelData" not in dataset:
        raise Quarantined(QuarantineReason.NO_PICTURE)
    if str(dataset.get("RecognizableVisualFeatures") or "").strip().upper() == _YES:
        raise Quarantined(QuarantineReason.PHOTOGRAPH)


def validate_no_annotation(dataset: Dataset) -> None:
    """Validate that no text is burned into a picture as far as the header says, or the kind of the device.

    Raises
    ------
    Quarantined
        If there is text, or in ultrasound, if the header does not say that there is none.
    """
    says = str(dataset.get("BurnedInAnnotation") or "").strip().upper()
    if says == _YES or (says != _NO and str(dataset.SOPClassUID).startswith(_ANNOTATED_BY_DEVICES)):
        raise Quarantined(QuarantineReason.ANNOTATED)
