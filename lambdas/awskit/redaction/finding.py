"""Find what is covered in an image. Nothing found is an answer, and a search that cannot be made is an error."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from awskit.redaction.questions import Seen, faces_in, texts_in, vehicles_in
from awskit.rejection import RejectedImage, UploadFault
from imagekit.geometry import Box as Place
from imagekit.geometry import Size
from imagekit.redaction.plates import plates
from imagekit.redaction.search_places import DetectionPicture, closer_places, first_places, in_whole, without_duplicates
from imagekit.sandbox.redaction import SandboxedImage
from safelight_contracts.detectors import Detector
from safelight_contracts.redaction.boxes import Box, BoxKind
from safelight_contracts.redaction.redact import Redact

# Lower than the default of the detector: a face that is missed is shown, and one that is not there costs a few pixels.
_MIN_CONFIDENCE = 0.3
_PERCENT = 100


@dataclass(frozen=True, kw_only=True)
class _Search:
    """A search of one image. `max_pictures`: for one kind of thing. `size`: of the image."""

    max_pictures: int
    image: SandboxedImage
    size: Size
    pictures: Sequence[DetectionPicture]

    def find(self, ask: Callable[[bytes], Seen]) -> list[Box]:
        """Search all pictures, and closer ones of each place where there may be more than the detector returns."""
        waiting, asked, divided = list(self.pictures), 0, set()
        found: list[Box] = []
        while waiting:
            picture = waiting.pop()
            asked += 1
            seen = ask(picture.data)
            found.extend(in_whole(box, place=picture.place) for box in seen.boxes)
            # Three pictures show one place of a transparent image.
            if seen.can_be_more and picture.place not in divided:
                divided.add(picture.place)
                closer = closer_places(picture.place, image=self.size)
                if not closer or asked + len(waiting) + len(closer) > self.max_pictures:
                    raise RejectedImage(UploadFault.SEARCH_INCOMPLETE, detail={"found": len(found)})
                waiting.extend(self.image.show(closer))
        return without_duplicates(found)

    def vehicles(self) -> list[Place]:
        """Return the places of vehicles."""
        return [
            Place(left=box.left, top=box.top, right=box.right, bottom=box.bottom)
            for picture in self.pictures
            for box in (in_whole(one, place=picture.place) for one in vehicles_in(picture.data))
        ]


def find_boxes(image: SandboxedImage, *, redact: Redact, max_pictures: int) -> list[Box]:
    """Find the faces, texts and plates of an image, in pictures of it that a worker makes.

    Parameters
    ----------
    image
        The file, within the limits of its header.
    redact
        What is searched for, and by which detector.
    max_pictures
        The most pictures of the image that are searched for one kind of thing, of which there are three: faces, texts
        and vehicles. A photograph of 24 megapixels is three, and four more for each in which the detector finds as many
        things as it can return.

    Returns
    -------
    list of Box
        On the upright image. Empty if there is nothing to cover.

    Raises
    ------
    RejectedImage
        ``SEARCH_INCOMPLETE`` if there may be more faces or words than the detector returns, even in small parts, or
        more than `max_pictures` would have to be searched.
    ImageRejected
        As for `imagekit.sandbox.redaction.SandboxedImage.show`.
    MalformedAnswer
        If an answer of Rekognition does not have the documented shape.
    InternalServerError
        If Rekognition is temporarily unavailable.
    botocore.exceptions.ClientError
        Any other error of Rekognition: throttling, a missing permission.
    WorkerFailedError
        If a worker failed, or a model is missing.
    """
    size = Size(width=image.header.width, height=image.header.height)
    search = _Search(max_pictures=max_pictures, image=image, size=size, pictures=image.show(first_places(size)))
    if redact.detector is Detector.OPENCV:
        return search.find(_faces_by_opencv)
    found = search.find(faces_in) if redact.faces else []
    texts = search.find(texts_in) if redact.text or redact.plates else []
    # Without any text, no vehicle has a plate that can be read.
    vehicles = search.vehicles() if redact.plates and texts else []
    return [*found, *(texts if redact.text else []), *plates(texts, vehicles=vehicles, image=size)]


def _faces_by_opencv(data: bytes) -> Seen:
    # Only a function with the layer of OpenCV has this package.
    from visionkit.closer_sandbox import find_faces_in_sandbox

    faces = find_faces_in_sandbox(data, min_confidence=_MIN_CONFIDENCE)
    boxes = [
        Box(
            kind=BoxKind.FACE,
            left=face.box.left,
            top=face.box.top,
            width=face.box.right - face.box.left,
            height=face.box.bottom - face.box.top,
            confidence=face.confidence * _PERCENT,
        )
        for face in faces
    ]
    return Seen(boxes=boxes, can_be_more=False)
