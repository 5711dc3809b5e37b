"""Which files are released."""

from pydicom.dataset import Dataset
from pydicom.uid import UID

from dicomkit.quarantine import Quarantined, QuarantineReason

# The first numbers of the UIDs of storage classes (PS3.4, B.5). The first two are printed film.
_REFUSED = {
    "1.2.840.10008.5.1.1.29": QuarantineReason.SECONDARY_CAPTURE,
    "1.2.840.10008.5.1.1.30": QuarantineReason.SECONDARY_CAPTURE,
    "1.2.840.10008.5.1.4.1.1.7": QuarantineReason.SECONDARY_CAPTURE,
    "1.2.840.10008.5.1.4.1.1.88": QuarantineReason.STRUCTURED_REPORT,
    "1.2.840.10008.5.1.4.1.1.104": QuarantineReason.ENCAPSULATED_DOCUMENT,
    "1.2.840.10008.5.1.4.1.1.481": QuarantineReason.RADIOTHERAPY,
    "1.2.840.10008.5.1.4.1.1.11": QuarantineReason.PRESENTATION_STATE,
    "1.2.840.10008.5.1.4.1.1.77.1.4": QuarantineReason.PHOTOGRAPH,
    "1.2.840.10008.5.1.4.1.1.77.1.7": QuarantineReason.PHOTOGRAPH,
    "1.2.840.10008.5.1.4.1.1.77.2": QuarantineReason.PHOTOGRAPH,
    "1.2.840.10008.1.3.10": QuarantineReason.DIRECTORY,
}
# Retired: photographs of any kind. Other classes begin with its numbers.
_TRIAL_PHOTOGRAPH = "1.2.840.10008.5.1.4.1.1.77.1"
# Classes with a picture have names like "CT Image Storage". These have one too.
_IMAGE = "Image Storage"
_OTHER_IMAGES = frozenset(
    {
        "Segmentation Storage",
        "Label Map Segmentation Storage",
        "Parametric Map Storage",
        "Enhanced US Volume Storage",
        "Corneal Topography Map Storage",
        "Ophthalmic Thickness Map Storage",
    }
)
# Ultrasound machines and endoscopes write the patient's name into the picture, those of retired classes too.
_ANNOTATED_BY_DEVICES = (
    "1.2.840.10008.5.1.4.1.1.3",
    "1.2.840.10008.5.1.4.1.1.6",
    "1.2.840.10008.5.1.4.1.1.77.1.1",
)
_ANNOTATED_MODALITIES = frozenset({"US", "IVUS", "ES", "XC", "OT"})
# Values of Image Type (PS3.3, C.7.6.1.1.2 and C.8.12.4.1.1): a copy of a screen, and a slide's label with and without
# the slide.
_SCREEN = "SCREEN"
_LABELS = frozenset({"LABEL", "OVERVIEW"})
_YES, _NO = "YES", "NO"


def validate_class(uid: str) -> None:
    """Validate that files of a class can be released.

    Raises
    ------
    Quarantined
        If they cannot.
    """
    for prefix, reason in _REFUSED.items():
        if _begins(uid, prefix):
            raise Quarantined(reason)
    if uid == _TRIAL_PHOTOGRAPH:
        raise Quarantined(QuarantineReason.PHOTOGRAPH)
    known = UID(uid)
    if known.type != "SOP Class" or not (_IMAGE in known.name or known.name in _OTHER_IMAGES):
        raise Quarantined(QuarantineReason.UNKNOWN_CLASS)


def validate_picture(dataset: Dataset) -> None:
    """Validate that a dataset has one picture, as far as the header says without a face and without a slide's label.

    Raises
    ------
    Quarantined
        If not.
    """
    if "PixelData" not in dataset:
        raise Quarantined(QuarantineReason.NO_PICTURE)
    if _says(dataset, "RecognizableVisualFeatures") == _YES:
        raise Quarantined(QuarantineReason.PHOTOGRAPH)
    # Labels have handwriting and bar codes, which nobody reads here.
    if _says(dataset, "SpecimenLabelInImage") == _YES or not _LABELS.isdisjoint(_image_type(dataset)):
        raise Quarantined(QuarantineReason.ANNOTATED)


def validate_no_annotation(dataset: Dataset) -> None:
    """Validate that no text is burned into a picture as far as the header says, or the kind of the device.

    Raises
    ------
    Quarantined
        If there is text, or if the header does not say that there is none, in ultrasound, endoscopy and copies of
        screens and films.
    """
    validate_not_said_burned_in(dataset)
    if _says(dataset, "BurnedInAnnotation") != _NO and _is_annotated_by_device(dataset):
        raise Quarantined(QuarantineReason.ANNOTATED)


def validate_not_said_burned_in(dataset: Dataset) -> None:
    """Validate that the header does not say that text is burned into the picture.

    Raises
    ------
    Quarantined
        `ANNOTATED` if it does.
    """
    if _says(dataset, "BurnedInAnnotation") == _YES:
        raise Quarantined(QuarantineReason.ANNOTATED)


def _is_annotated_by_device(dataset: Dataset) -> bool:
    # A conversion type is given of pictures that were digitised, or captured from a screen (PS3.3, C.8.6.1).
    return (
        any(_begins(str(dataset.SOPClassUID), prefix) for prefix in _ANNOTATED_BY_DEVICES)
        or _says(dataset, "Modality") in _ANNOTATED_MODALITIES
        or _says(dataset, "ConversionType") != ""
        or any(_SCREEN in value for value in _image_type(dataset))
    )


def _image_type(dataset: Dataset) -> list[str]:
    value = dataset.get("ImageType") or []
    return [str(one).strip().upper() for one in ([value] if isinstance(value, str) else value)]


def _says(dataset: Dataset, name: str) -> str:
    return str(dataset.get(name) or "").strip().upper()


def _begins(uid: str, prefix: str) -> bool:
    return uid == prefix or uid.startswith(f"{prefix}.")
