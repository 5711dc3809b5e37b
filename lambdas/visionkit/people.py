"""What a detector of bodies and one of faces say together of the people in an image."""

from visionkit.bodies import body_scores
from visionkit.faces import face_scores
from visionkit.image import decode
from visionkit.sighting import Sighting


def see_people(data: bytes, *, min_confidence: float) -> Sighting:
    """Look for people by their bodies and by their faces.

    Parameters
    ----------
    data
        The image's bytes, upright.
    min_confidence
        The least confidence that counts, above 0 to 1.

    Raises
    ------
    ModelMissingError
        When a model is not there.
    UndecodableImageError
        When the image cannot be decoded.
    """
    pixels = decode(data)
    detections = [detect(pixels, min_score=min_confidence) for detect in (body_scores, face_scores)]
    return Sighting(
        confidence=max(max(scores) for scores in detections),
        # A face and its body are one person, so the larger number stands.
        people=max(sum(score >= min_confidence for score in scores) for scores in detections),
    )
