"""Draw the frames of a scene."""

from collections.abc import Iterator
from functools import cache

import cv2
import numpy as np
import numpy.typing as npt
from skimage import data
from tests.redaction_videos.faces import Face, Pixels
from tests.redaction_videos.scenes import Bar, Pose, Scene, Shot, moments

# Sensors have noise, so that no two frames are equal.
_NOISE = 3.0
_BAR = (58, 62, 60)


def frames_of(scene: Scene, *, seed: int = 0) -> Iterator[Pixels]:
    """Draw the frames of a scene: height x width x 3, red before green before blue."""
    random = np.random.default_rng(seed)
    for moment in moments(scene):
        frame = _frame(scene.shots[moment.shot], time=moment.time, size=(scene.width, scene.height))
        noisy = frame + random.normal(0, _NOISE, frame.shape)
        yield np.clip(noisy, 0, 255).astype(np.uint8)


def draw_face(frame: Pixels, face: Face, *, pose: Pose) -> Pixels:
    """Return a frame with a face in it."""
    size = frame.shape[1], frame.shape[0]
    scale = pose.height / face.height
    # Shrunk before it is turned: turning takes single pixels, and small faces would flicker.
    shrunk = min(1.0, scale)
    pixels = cv2.resize(face.pixels, None, fx=shrunk, fy=shrunk, interpolation=cv2.INTER_AREA)
    x, y = (face.left + face.width / 2) * shrunk, (face.top + face.height / 2) * shrunk
    turn = cv2.getRotationMatrix2D((x, y), pose.angle, scale / shrunk)
    turn[:, 2] += np.array([pose.x - x, pose.y - y])
    head = cv2.warpAffine(pixels, turn, size, flags=cv2.INTER_LINEAR)
    shape = cv2.warpAffine(_shape(face, scale=shrunk, like=pixels.shape[:2]), turn, size)[..., None]
    return (frame * (1 - shape) + head * shape).astype(np.uint8)


def _frame(shot: Shot, *, time: float, size: tuple[int, int]) -> Pixels:
    frame = _background(shot.background, shift=shot.pan * time, size=size)
    for actor in shot.actors:
        frame = draw_face(frame, actor.face, pose=actor.pose(time))
    for bar in shot.bars:
        _draw_bar(frame, bar, time=time)
    return frame


@cache
def _photograph(name: str, *, size: tuple[int, int]) -> Pixels:
    """Return a photograph that is half wider and higher than a frame."""
    pixels: Pixels = getattr(data, name)()
    coloured = pixels if pixels.ndim == 3 else cv2.cvtColor(pixels, cv2.COLOR_GRAY2RGB)
    scale = 1.5 * max(size[0] / coloured.shape[1], size[1] / coloured.shape[0])
    large = cv2.resize(coloured, None, fx=scale, fy=scale, interpolation=cv2.INTER_LINEAR)
    return large.astype(np.uint8, copy=False)


def _background(name: str, *, shift: float, size: tuple[int, int]) -> Pixels:
    # Subpixels, because no camera moves by whole ones.
    move = np.array([[1, 0, -shift], [0, 1, -size[1] / 8]])
    return cv2.warpAffine(_photograph(name, size=size), move, size, borderMode=cv2.BORDER_REFLECT).astype(np.uint8)


def _shape(face: Face, *, scale: float, like: tuple[int, ...]) -> npt.NDArray[np.float32]:
    """Return the part of a photograph that is shown: an ellipse around the face, with a soft edge."""
    rows, columns = np.ogrid[: like[0], : like[1]]
    across = face.width * scale * (0.5 + face.margin)
    down = face.height * scale * (0.5 + face.margin)
    x, y = (face.left + face.width / 2) * scale - 0.5, (face.top + face.height / 2) * scale - 0.5
    distance = ((columns - x) / across) ** 2 + ((rows - y) / down) ** 2
    shape: npt.NDArray[np.float32] = np.clip((1 - distance) * 6, 0, 1).astype(np.float32)
    return shape


def _draw_bar(frame: Pixels, bar: Bar, *, time: float) -> None:
    left = round(bar.left(time))
    frame[:, max(0, left) : max(0, round(left + bar.width))] = _BAR
