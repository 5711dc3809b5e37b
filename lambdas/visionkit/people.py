"""Combine a detector of bodies and one of faces."""

from dataclasses import replace

from imagekit.tiles import ONE_TILE, Tiles
from visionkit.bodies import find_bodies
from visionkit.detection import PeopleDetection, surest_first
from visionkit.faces import find_faces
from visionkit.image import Pixels, decode, tiles_of


def see_people(data: bytes, *, min_confidence: float, tiles: Tiles = ONE_TILE) -> PeopleDetection:
    """Look for people by their bodies and by their faces.

    Each tile is a separate input: networks scale images down so far that several tiles in one would be too small.

    `data`: the image's bytes, upright.
    `min_confidence`: the lowest confidence that counts, above 0 and up to 1.
    `tiles`: how the image is divided. Default: one picture.

    Returns the highest confidence of all tiles, the number of people in the tile that has the most, and the bodies and
    faces of all tiles. Raises ModelMissingError: a model is missing. Raises UndecodableImageError: the image cannot be
    decoded.
    """
    pictures = tiles_of(decode(data), tiles=tiles)
    detections = [_detect(picture, min_confidence=min_confidence) for picture in pictures]
    return PeopleDetection(
        confidence=max(detection.confidence for detection in detections),
        people=max(detection.people for detection in detections),
        found=surest_first(
            replace(one, box=tiles.box_in_image(one.box, number=number))
            for number, detection in enumerate(detections)
            for one in detection.found
        ),
    )


def _detect(pixels: Pixels, *, min_confidence: float) -> PeopleDetection:
    bodies, faces = (find(pixels, min_score=min_confidence) for find in (find_bodies, find_faces))
    return PeopleDetection(
        confidence=max(bodies.confidence, faces.confidence),
        # A face and its body are one person, so the larger number counts.
        people=max(len(bodies.found), len(faces.found)),
        found=[*bodies.found, *faces.found],
    )
