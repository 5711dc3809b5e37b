"""Scenes: which faces move where, in front of what."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import cos, radians, sin

from tests.redaction_videos.faces import Face

from imagekit.geometry import Box

WIDTH, HEIGHT = 640, 360


@dataclass(frozen=True, kw_only=True)
class Pose:
    """Where a face is. `x`, `y`: its centre, and `height`: its height, in pixels. `angle`: in degrees."""

    x: float
    y: float
    height: float
    angle: float = 0


@dataclass(frozen=True, kw_only=True)
class Actor:
    """A face that moves. `pose`: by the seconds since its shot began."""

    face: Face
    pose: Callable[[float], Pose]


@dataclass(frozen=True, kw_only=True)
class Bar:
    """An upright bar in front of all faces. `left`: its left edge in pixels, by the seconds since its shot began."""

    left: Callable[[float], float]
    width: float


@dataclass(frozen=True, kw_only=True)
class Shot:
    """What a camera shows without a cut.

    `background`: a photograph of scikit-image. `pan`: how far the camera moves to the right, in pixels a second.
    """

    seconds: float
    background: str
    actors: Sequence[Actor] = ()
    pan: float = 20
    bars: Sequence[Bar] = ()


@dataclass(frozen=True, kw_only=True)
class Scene:
    """A video.

    `times`: when its frames are shown, in seconds, rising from 0, before the shots end.
    `width`, `height`: of its frames, in pixels.
    """

    name: str
    shots: Sequence[Shot]
    times: Sequence[Fraction]
    width: int = WIDTH
    height: int = HEIGHT


@dataclass(frozen=True, kw_only=True)
class Moment:
    """One frame. `time`: since its shot began, in seconds. `shot`: the number of the shot."""

    time: float
    shot: int


def moments(scene: Scene) -> Sequence[Moment]:
    """Return which part of which shot each frame shows."""
    result = []
    shot, began = 0, 0.0
    for time in scene.times:
        while float(time) - began >= scene.shots[shot].seconds - 1e-9:
            began += scene.shots[shot].seconds
            shot += 1
        result.append(Moment(time=float(time) - began, shot=shot))
    return result


def box_of(actor: Actor, *, time: float, width: int = WIDTH, height: int = HEIGHT) -> Box | None:
    """Return the upright box around an actor's face, as far as it is in the frame. None: it is outside."""
    pose = actor.pose(time)
    half_width, half_height = half_sides(actor.face, pose)
    box = Box(
        left=(pose.x - half_width) / width,
        top=(pose.y - half_height) / height,
        right=(pose.x + half_width) / width,
        bottom=(pose.y + half_height) / height,
    ).cut()
    # Less than a pixel shows nothing.
    return box if (box.right - box.left) * width >= 1 and (box.bottom - box.top) * height >= 1 else None


def half_sides(face: Face, pose: Pose) -> tuple[float, float]:
    """Return half the width and height around the rotated ellipse of a face, in pixels."""
    cosine, sine = cos(radians(pose.angle)), sin(radians(pose.angle))
    down, across = pose.height / 2, pose.height / 2 * face.width / face.height
    return (
        ((across * cosine) ** 2 + (down * sine) ** 2) ** 0.5,
        ((across * sine) ** 2 + (down * cosine) ** 2) ** 0.5,
    )


def faces_in(scene: Scene) -> Sequence[Sequence[Box]]:
    """Return the ground truth: the boxes of the faces in each frame. A face behind a bar is among them."""
    return [
        [
            box
            for actor in scene.shots[moment.shot].actors
            if (box := box_of(actor, time=moment.time, width=scene.width, height=scene.height)) is not None
        ]
        for moment in moments(scene)
    ]


def cuts_of(scene: Scene) -> Sequence[int]:
    """Return the indices of the frames that begin a shot, without the first."""
    shots = [moment.shot for moment in moments(scene)]
    return [index for index in range(1, len(shots)) if shots[index] != shots[index - 1]]
