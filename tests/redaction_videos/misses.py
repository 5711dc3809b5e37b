"""Detections that a detector misses."""

from dataclasses import replace
from random import Random

from tests.redaction_videos.looking import Seen
from tests.redaction_videos.scenes import Scene, box_of, moments

from imagekit.geometry import Box
from videokit.tracks.boxes import overlap
from videokit.tracks.detections import Detection
from videokit.tracks.linking import BRIDGE_SECONDS, START_SCORE

_IS_THE_FACE = 0.25


def with_misses(scene: Scene, seen: Seen, *, random: Random, share: float, burst: float) -> Seen:
    """Leave out a share of the detections of each face, and all within bursts.

    Of each face in each shot the first and the last sure detection remain, and never more than BRIDGE_SECONDS lie
    between two sure ones: of what is not seen for longer nothing is known.

    `share`: 0 to 1. `burst`: how long each face is missed at a random time, in seconds.
    """
    missed = {
        (frame, number)
        for detections in _by_face(scene, seen)
        for frame, number in _missed(detections, seen=seen, scene=scene, random=random, share=share, burst=burst)
    }
    return replace(
        seen,
        detections={
            frame: [it for number, it in enumerate(found) if (frame, number) not in missed]
            for frame, found in seen.detections.items()
        },
    )


def _by_face(scene: Scene, seen: Seen) -> list[list[tuple[int, int]]]:
    """Return the detections of each face in each shot: the frame, and the number of the detection in it."""
    faces: dict[tuple[int, int], list[tuple[int, int]]] = {}
    for frame, moment in enumerate(moments(scene)):
        for number, it in enumerate(seen.detections.get(frame, ())):
            for which, actor in enumerate(scene.shots[moment.shot].actors):
                if _shows(it, box_of(actor, time=moment.time, width=scene.width, height=scene.height)):
                    faces.setdefault((moment.shot, which), []).append((frame, number))
                    break
    return list(faces.values())


def _shows(detection: Detection, face: Box | None) -> bool:
    return face is not None and overlap(detection.box.cut(), face) >= _IS_THE_FACE


def _missed(
    detections: list[tuple[int, int]], *, seen: Seen, scene: Scene, random: Random, share: float, burst: float
) -> list[tuple[int, int]]:
    times = [float(scene.times[frame]) for frame, _ in detections]
    sure = [time for (frame, number), time in zip(detections, times, strict=True) if _is_sure(seen, frame, number)]
    if not sure:
        return []
    begin = random.uniform(times[0] - burst, times[-1])
    last, missed = sure[0], []
    for it, time in zip(detections, times, strict=True):
        after = next((other for other in sure if other > time), None)
        wanted = begin <= time <= begin + burst or random.random() < share
        if wanted and time not in (sure[0], sure[-1]) and (after is None or after - last < BRIDGE_SECONDS):
            missed.append(it)
        elif time in sure:
            last = time
    return missed


def _is_sure(seen: Seen, frame: int, number: int) -> bool:
    return seen.detections[frame][number].score >= START_SCORE
