"""Combine a detector of bodies and one of faces."""

from imagekit.tiles import ONE_TILE, Tiles
from visionkit.bodies import body_scores
from visionkit.detection import PeopleDetection
from visionkit.faces import face_scores
from visionkit.image import Pixels, decode, tiles_of


def see_people(data: bytes, *, min_confidence: float, tiles: Tiles = ONE_TILE) -> PeopleDetection:
    """Look for people by their bodies and by their faces.

    Each tile is a separate input: networks scale images down so far that several tiles in one would be too small.

    `data`: the image's bytes, upright.
    `min_confidence`: the lowest confidence that counts, above 0 and up to 1.
    `tiles`: how the image is divided. Default: one picture.

    Returns the highest confidence of all tiles, and the number of people in the tile that has the most. Raises
    ModelMissingError: a model is missing. Raises UndecodableImageError: the image cannot be decoded.
    """
    detections = [_detect(tile, min_confidence=min_confidence) for tile in tiles_of(decode(data), tiles=tiles)]
    return PeopleDetection(
        confidence=max(detection.confidence for detection in detections),
        people=max(detection.people for detection in detections),
    )


def _detect(pixels: Pixels, *, min_confidence: float) -> PeopleDetection:
    detections = [detect(pixels, min_score=min_confidence) for detect in (body_scores, face_scores)]
    return PeopleDetection(
        confidence=max(max(scores) for scores in detections),
        # A face and its body are one person, so the larger number counts.
        people=max(sum(score >= min_confidence for score in scores) for scores in detections),
    )
