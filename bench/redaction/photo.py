"""Covering faces in a photograph of 24 megapixels: `python -m bench.redaction.photo`.

The published approach blurs the whole picture once for each face, and puts the part of the face into the picture, as
AWS's sample of a service that blurs faces does. It is written again here, with two Gaussian blurs: Pillow's, which is
three means, and OpenCV's. The faster one counts. All ways get the same decoded picture and the same boxes. Decoding and
encoding are not counted.
"""

from functools import partial
from io import BytesIO

import cv2
import numpy as np
import pyvips
from PIL import Image, ImageFilter

from bench.photographs import photograph_24_mp
from bench.results import Goal, Result, Table, at_least, at_most
from bench.rounds import Way, take_turns, timed
from bench.show import show
from imagekit.decoding.libvips import from_pillow
from imagekit.geometry import Size
from imagekit.redaction.pixel_boxes import PixelBox, pixel_box
from imagekit.redaction.redact import redact
from safelight_contracts.redaction.boxes import Box, BoxKind
from safelight_contracts.redaction.styles import Style

LEAST_TIMES_FASTER = {1: 10, 5: 40, 20: 100}
"""By the number of faces."""

MAX_ROUNDS = 3
"""The published approach takes 20 seconds for 20 faces."""

MOST_OF_ONE_FACE = 2
"""Time with 20 faces / time with one."""

_PADDING = 0.15
# A face of 300 pixels, in rows of five.
_SIDE = 300
_IN_A_ROW = 5
_SIGMA = 0.05 * _SIDE
_PILLOW, _OPENCV = _PEERS = "whole picture a face, Pillow", "whole picture a face, OpenCV"


def faces(number: int, *, image: Size) -> list[Box]:
    """Return boxes of faces that do not overlap."""
    return [
        Box(
            kind=BoxKind.FACE,
            left=0.05 + 0.18 * (one % _IN_A_ROW),
            top=0.05 + 0.22 * (one // _IN_A_ROW),
            width=_SIDE / image.width,
            height=_SIDE / image.height,
            confidence=99,
        )
        for one in range(number)
    ]


def measure(*, rounds: int) -> Result:
    """Compare the styles with the published approach for 1, 5 and 20 faces."""
    with Image.open(BytesIO(photograph_24_mp())) as opened:
        photograph = opened.convert("RGB")
    picture = from_pillow(photograph).copy_memory()
    size = Size(width=photograph.width, height=photograph.height)
    ways: dict[str, Way] = {}
    for number in LEAST_TIMES_FASTER:
        boxes = faces(number, image=size)
        areas = [area for box in boxes if (area := pixel_box(box, image=size, padding=_PADDING)) is not None]
        for style in Style:
            ways[f"{style} {number}"] = timed(partial(_ours, picture, boxes=boxes, style=style))
        ways[f"{_PILLOW} {number}"] = timed(partial(_by_pillow, photograph, areas=areas))
        ways[f"{_OPENCV} {number}"] = timed(partial(_by_opencv, np.asarray(photograph), areas=areas))
    medians = take_turns(ways, rounds=min(rounds, MAX_ROUNDS))
    times = {
        number: min(medians.ratio(f"{peer} {number}", to=f"{style} {number}") for style in Style for peer in _PEERS)
        for number in LEAST_TIMES_FASTER
    }
    growth = max(medians.ratio(f"{style} 20", to=f"{style} 1") for style in Style)
    return Result(
        tables=[
            Table(
                title="Covering faces in a photograph of 24 MP",
                note=f"Milliseconds, of the decoded picture. Faces have {_SIDE} px a side. Ours copies the picture "
                "once, because the caller keeps it.",
                columns={"way": "", **{f"faces: {number}": ".0f" for number in LEAST_TIMES_FASTER}},
                rows=[
                    (way, *(medians.ms(f"{way} {number}") for number in LEAST_TIMES_FASTER))
                    for way in (*(f"{style}" for style in Style), _PILLOW, _OPENCV)
                ],
            )
        ],
        goals=[*_speed_goals(times), at_most(MOST_OF_ONE_FACE, growth, goal="20 faces: at most twice one face")],
    )


def _speed_goals(times: dict[int, float]) -> list[Goal]:
    return [
        at_least(least, times[number], goal=f"faces in 24 MP: {number}, at least {least} times the published approach")
        for number, least in LEAST_TIMES_FASTER.items()
    ]


def _ours(picture: pyvips.Image, *, boxes: list[Box], style: Style) -> pyvips.Image:
    return redact(picture, boxes, style=style, padding=_PADDING)


def _by_pillow(photograph: Image.Image, *, areas: list[PixelBox]) -> Image.Image:
    result = photograph.copy()
    for area in areas:
        corners = (area.left, area.top, area.right, area.bottom)
        result.paste(result.filter(ImageFilter.GaussianBlur(_SIGMA)).crop(corners), corners)
    return result


def _by_opencv(photograph: np.ndarray, *, areas: list[PixelBox]) -> np.ndarray:
    result = photograph.copy()
    for area in areas:
        part = np.s_[area.top : area.bottom, area.left : area.right]
        result[part] = cv2.GaussianBlur(result, (0, 0), _SIGMA)[part]
    return result


if __name__ == "__main__":
    show(measure)
