"""Ask Rekognition where faces, texts and vehicles are in a picture."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from awskit.rekognition import client
from awskit.rekognition.analysis import InternalServerError
from awskit.rekognition.answers import MalformedAnswer, face_details, text_detections
from awskit.rekognition.labels import find_labels, names_of
from awskit.transient_errors import transient_errors_as
from imagekit.redaction.plates import VEHICLES
from imagekit.redaction.search_places import MAX_FACES
from safelight_contracts.redaction.boxes import Box, BoxKind, MalformedBoxError

if TYPE_CHECKING:
    from mypy_boto3_rekognition.type_defs import InstanceTypeDef, LabelTypeDef

MAX_WORDS = 100
"""The most words that Rekognition's DetectText returns for a picture ("Detecting text" in its developer guide)."""

MIN_WORD_CONFIDENCE = 50.0
"""The confidence from which words count, in percent. Rekognition's default leaves out words below 80."""

MIN_VEHICLE_CONFIDENCE = 40.0
"""The confidence from which vehicles count, in percent. Rekognition's default leaves out labels below 55."""

_CERTAIN = 100.0
_Answered = TypeVar("_Answered")


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What a detector saw in a picture.

    `boxes`: on the picture.
    `can_be_more`: whether it saw as many as it can return.
    """

    boxes: Sequence[Box]
    can_be_more: bool


def faces_in(data: bytes) -> Seen:
    """Find faces in a picture.

    `data`: a JPEG within Rekognition's limits.

    Raises MalformedAnswer, InternalServerError, botocore.exceptions.ClientError as for
    `awskit.redaction.finding.find_boxes`.
    """
    answer = _ask(lambda: client.rekognition().detect_faces(Image={"Bytes": data}))
    faces = face_details(answer)
    return Seen(
        boxes=[_box(face, kind=BoxKind.FACE, confidence=face.get("Confidence")) for face in faces],
        can_be_more=len(faces) >= MAX_FACES,
    )


def texts_in(data: bytes) -> Seen:
    """Find lines and words in a picture. Arguments and errors as for `faces_in`."""
    filters: Any = {"WordFilter": {"MinConfidence": MIN_WORD_CONFIDENCE}}
    answer = _ask(lambda: client.rekognition().detect_text(Image={"Bytes": data}, Filters=filters))
    found = text_detections(answer)
    return Seen(
        boxes=[_box(text.get("Geometry") or {}, kind=BoxKind.TEXT, confidence=text["Confidence"]) for text in found],
        can_be_more=sum(text["Type"] == "WORD" for text in found) >= MAX_WORDS,
    )


def vehicles_in(data: bytes) -> list[Box]:
    """Find vehicles in a picture. Arguments and errors as for `faces_in`.

    Rekognition may see that there is a vehicle or a plate, but not where. Then it can be anywhere, and the box is the
    picture, unless it is another name of one whose place is known: `Sedan` and `Vehicle` of a `Car`.
    """
    labels = _ask(lambda: find_labels({"Bytes": data}, min_confidence=MIN_VEHICLE_CONFIDENCE))
    seen = [label for label in labels if names_of(label) & VEHICLES]
    placed = [label for label in seen if _places(label)]
    if any(not _is_one_of(label, placed) for label in seen):
        return [Box(kind=BoxKind.PLATE, left=0, top=0, width=1, height=1, confidence=_CERTAIN)]
    return [
        _box(instance, kind=BoxKind.PLATE, confidence=instance["Confidence"])
        for label in placed
        for instance in _places(label)
    ]


def _places(label: "LabelTypeDef") -> "list[InstanceTypeDef]":
    return [it for it in label.get("Instances") or [] if it.get("BoundingBox") is not None]


def _is_one_of(label: "LabelTypeDef", placed: "Sequence[LabelTypeDef]") -> bool:
    """Return whether a label is one of the placed ones, or is above or below one."""
    name = label["Name"].casefold()
    return any(name in names_of(one) or one["Name"].casefold() in names_of(label) for one in placed)


def _ask(question: Callable[[], _Answered]) -> _Answered:
    with transient_errors_as(InternalServerError):
        return question()


def _box(owner: Mapping[str, Any], *, kind: BoxKind, confidence: Any) -> Box:
    box = owner.get("BoundingBox")
    if box is None:
        raise MalformedAnswer("what was found has no box")
    try:
        return Box(
            kind=kind,
            left=box["Left"],
            top=box["Top"],
            width=box["Width"],
            height=box["Height"],
            confidence=confidence,
        )
    except MalformedBoxError as error:
        raise MalformedAnswer(str(error)) from error
