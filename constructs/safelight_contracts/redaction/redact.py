"""What is redacted in an image, and how."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from safelight_contracts.arguments import validated_fields
from safelight_contracts.detectors import Detector
from safelight_contracts.redaction.styles import Style


@validated_fields
@dataclass(frozen=True, kw_only=True)
class Redact:
    """What is found in an image and covered.

    Parameters
    ----------
    faces
        Whether faces are covered. Default: ``True``.
    text
        Whether all text is covered. Default: ``False``.
    plates
        Whether number plates are covered: text inside the box of a vehicle. If Rekognition sees a vehicle or a plate,
        but not where, every text counts. Default: ``False``.
    style
        How faces are covered. Text and plates are always filled, because few samples are enough to tell letters apart
        (Depix). Default: ``Style.FILL``.
    padding
        How far each side of a box is moved outwards, as a part of the box's width or height: 0 to 1. Default: 0.15.
    detector
        ``Detector.REKOGNITION``, or ``Detector.OPENCV``, which runs in the function and finds faces only.
        Default: ``Detector.REKOGNITION``.

    Raises
    ------
    ValueError
        If there is nothing to find, a value is out of range, or the values contradict one another.
    """

    faces: bool = True
    text: bool = False
    plates: bool = False
    style: Style = Style.FILL
    padding: float = 0.15
    detector: Detector = Detector.REKOGNITION

    def __post_init__(self) -> None:
        problem = self._problem()
        if problem:
            raise ValueError(f"Redact: {problem}")

    def _problem(self) -> str | None:
        if not (self.faces or self.text or self.plates):
            return "faces, text and plates are all False, so nothing would be covered. Set one of them to True."
        if self.style is not Style.FILL and not self.faces:
            return (
                f"style=Style.{self.style.name} is for faces, and faces=False. Text and plates are always filled, "
                "because few samples are enough to tell letters apart. Omit style, or set faces=True."
            )
        if not 0 <= self.padding <= 1:
            return f"padding={self.padding} is a part of the box's side and must be 0 to 1."
        if self.detector is Detector.OPENCV_THEN_REKOGNITION:
            return (
                "detector=Detector.OPENCV_THEN_REKOGNITION asks Rekognition only about images in which OpenCV is not "
                "sure of people, and a face that OpenCV misses would stay. Use Detector.REKOGNITION or Detector.OPENCV."
            )
        if self.detector is Detector.OPENCV and (self.text or self.plates):
            return (
                "detector=Detector.OPENCV finds faces only. Use Detector.REKOGNITION for text and plates, or set both "
                "to False."
            )
        return None


def detections_of(redact: Redact) -> tuple[str, ...]:
    """Return the calls of Rekognition that find what is covered, as ``rekognition:Operation``."""
    if redact.detector is Detector.OPENCV:
        return ()
    needed = {
        "rekognition:DetectFaces": redact.faces,
        "rekognition:DetectText": redact.text or redact.plates,
        "rekognition:DetectLabels": redact.plates,
    }
    return tuple(call for call, is_needed in needed.items() if is_needed)


def redact_to_json(redact: Redact) -> dict[str, object]:
    """Write what is redacted as an object of JSON."""
    return {
        "faces": redact.faces,
        "text": redact.text,
        "plates": redact.plates,
        "style": redact.style.value,
        "padding": redact.padding,
        "detector": redact.detector.value,
    }


def redact_from_json(described: Mapping[str, Any]) -> Redact:
    """Read what is redacted."""
    return Redact(
        faces=described["faces"],
        text=described["text"],
        plates=described["plates"],
        style=Style(described["style"]),
        padding=described["padding"],
        detector=Detector(described["detector"]),
    )
