"""Why a file is put aside instead of being released."""

from enum import StrEnum


class QuarantineReason(StrEnum):
    """What makes a file unsure. No reason holds a value of the file."""

    NOT_DICOM = "NOT_DICOM"
    MALFORMED = "MALFORMED"
    DIRECTORY = "DIRECTORY"
    """A DICOMDIR. It names patients, and the files that it points to have other names afterwards."""
    SECONDARY_CAPTURE = "SECONDARY_CAPTURE"
    """Screenshots and scanned paper: text is everywhere in them."""
    STRUCTURED_REPORT = "STRUCTURED_REPORT"
    ENCAPSULATED_DOCUMENT = "ENCAPSULATED_DOCUMENT"
    RADIOTHERAPY = "RADIOTHERAPY"
    PRESENTATION_STATE = "PRESENTATION_STATE"
    UNKNOWN_CLASS = "UNKNOWN_CLASS"
    NO_PICTURE = "NO_PICTURE"
    UNDECODABLE = "UNDECODABLE"
    """The pixels cannot be decoded, so nobody can look for text in them."""
    ANNOTATED = "ANNOTATED"
    """The header says that text is burned in, and none is found or looked for. Or the picture has a slide's label."""
    TEXT_LEFT = "TEXT_LEFT"
    """Text is left in the picture, or a removed value in the data of the picture."""
    TOO_LARGE = "TOO_LARGE"
    TOO_DEEP = "TOO_DEEP"
    PHOTOGRAPH = "PHOTOGRAPH"
    """A photograph, or a picture in which a face can be recognised."""
    HIDDEN_DATA = "HIDDEN_DATA"
    """Data in the picture's encoding that no viewer shows, and that cannot be cut off."""


class Quarantined(Exception):  # noqa: N818 - an answer, not an error
    """A file is not released."""

    def __init__(self, reason: QuarantineReason) -> None:
        super().__init__(str(reason))
        self.reason = reason
