"""Moving pictures whose every frame is known, so that a missing, doubled or broken one is found."""

from collections.abc import Sequence
from pathlib import Path

import av
import numpy as np
import numpy.typing as npt

Luma = npt.NDArray[np.uint8]

WIDTH, HEIGHT = 160, 96


def luma_of(number: int, *, width: int = WIDTH, height: int = HEIGHT) -> Luma:
    """Return a frame's luma: a smooth pattern that moves by some pixels a frame."""
    across = np.arange(width)[None, :] + 7 * number
    down = np.arange(height)[:, None] + 3 * number
    waves = np.sin(across / 11) + np.sin(down / 7) + np.sin((across + down) / 17)
    return (126 + 30 * waves).astype(np.uint8)


def frame_of(number: int, *, width: int = WIDTH, height: int = HEIGHT, pixel_format: str = "yuv420p") -> av.VideoFrame:
    """Return a frame with that luma, and with a colour that changes slowly across it."""
    luma = luma_of(number, width=width, height=height)
    stored = "yuvj420p" if pixel_format == "yuvj420p" else "yuv420p"
    frame = av.VideoFrame(width, height, stored)
    for plane, samples in zip(frame.planes, (luma, *_chroma(width=width, height=height)), strict=True):
        rows = np.frombuffer(memoryview(plane), dtype=np.uint8).reshape(-1, plane.line_size)
        rows[: plane.height, : plane.width] = samples
    return frame if pixel_format == stored else frame.reformat(format=pixel_format)


def _chroma(*, width: int, height: int) -> tuple[Luma, Luma]:
    columns, rows = (width + 1) // 2, (height + 1) // 2
    blue = np.broadcast_to(np.linspace(90, 160, columns)[None, :], (rows, columns))
    red = np.broadcast_to(np.linspace(160, 90, rows)[:, None], (rows, columns))
    return blue.astype(np.uint8), red.astype(np.uint8)


def lumas(path: Path) -> Sequence[Luma]:
    """Decode the luma of all frames that a player shows."""
    with av.open(str(path)) as container:
        return [
            np.array(
                np.frombuffer(memoryview(it.planes[0]), dtype=np.uint8).reshape(-1, it.planes[0].line_size)[
                    : it.height, : it.width
                ]
            )
            for it in container.decode(container.streams.video[0])
        ]


def psnr(one: Luma, other: Luma) -> float:
    """Return the peak signal-to-noise ratio in decibels."""
    error = float(np.mean((one.astype(float) - other.astype(float)) ** 2))
    return 99.0 if error == 0 else float(10 * np.log10(255**2 / error))
