"""How colours are converted that a profile describes by tables: by measured colour, on white as white."""

import struct

import pytest
from PIL import Image
from tests.unit.pictures import decoded, encoded

from imagekit.decoding.limits import inspect
from imagekit.rendering.render import render
from safelight_contracts.image_types import ImageType
from safelight_contracts.limits import Limits
from safelight_contracts.renditions import Fit, Rendition

YELLOWISH = (0.80, 0.85, 0.50)
"""XYZ of a white that is not that of the profile connection space."""

TOLERANCE = 3
"""Levels of 255 by which rounding in tables and conversions may differ."""


def table(*, lightness: float) -> bytes:
    """Write a table from RGB to Lab that makes neutral grey of each sum of RGB, scaled by a lightness.

    The layout is `lut16Type`, section 10.10 of ICC.1:2022; Lab is encoded as in its version 2, 0xFF00 being L* 100.
    """
    corners = [(r, g, b) for r in (0, 1) for g in (0, 1) for b in (0, 1)]
    points = [(round(0xFF00 * lightness * sum(corner) / 3), 0x8000, 0x8000) for corner in corners]
    straight = struct.pack(">2H", 0, 0xFFFF)
    matrix = struct.pack(">9i", *(0x10000 if place % 4 == 0 else 0 for place in range(9)))
    head = b"mft2" + bytes(4) + struct.pack(">4B", 3, 3, 2, 0) + matrix + struct.pack(">2H", 2, 2)
    return head + straight * 3 + b"".join(struct.pack(">3H", *point) for point in points) + straight * 3


def profile(*, perceptual: bytes, colorimetric: bytes, white: tuple[float, float, float]) -> bytes:
    """Write a version 2 scanner profile with a table for each intent, and the white of its medium in XYZ."""
    tags = {
        b"A2B0": perceptual,
        b"A2B1": colorimetric,
        b"wtpt": b"XYZ " + bytes(4) + struct.pack(">3i", *(round(value * 0x10000) for value in white)),
        b"desc": b"desc" + bytes(4) + struct.pack(">I", 5) + b"test\0" + bytes(78),
        b"cprt": b"text" + bytes(4) + b"none\0",
    }
    directory, body = b"", b""
    offset = 128 + 4 + 12 * len(tags)
    for name, data in tags.items():
        directory += name + struct.pack(">2I", offset + len(body), len(data))
        body += data + bytes(-len(data) % 4)
    whole = struct.pack(">I", len(tags)) + directory + body
    d50 = struct.pack(">3i", 0xF6D6, 0x10000, 0xD32D)
    header = struct.pack(">I4sI4s4s4s", 128 + len(whole), bytes(4), 0x02400000, b"scnr", b"RGB ", b"Lab ")
    header += bytes(12) + b"acsp" + bytes(28) + d50
    return header.ljust(128, b"\0") + whole


def published(level: int) -> tuple[int, ...]:
    """Return the colour in which a grey is published whose profile disagrees with itself about everything else."""
    icc = profile(perceptual=table(lightness=0.5), colorimetric=table(lightness=1), white=YELLOWISH)
    file = encoded(Image.new("RGB", (16, 16), (level, level, level)), "PNG", icc_profile=icc)
    wanted = Rendition(name="any", width=16, height=None, fit=Fit.INSIDE, type=ImageType.PNG)
    (image,) = render(file, header=inspect(file, limits=Limits()), renditions=[wanted])
    pixel = decoded(image.data).convert("RGB").getpixel((8, 8))
    assert isinstance(pixel, tuple)
    return pixel


def test_colors_are_converted_colorimetrically_and_not_perceptually() -> None:
    # Half of full lightness, L* 50, is the grey 119 in sRGB. The table for the perceptual intent says L* 25.
    assert published(128) == pytest.approx((119, 119, 119), abs=TOLERANCE)


def test_the_white_of_a_medium_is_published_as_white() -> None:
    assert published(255) == pytest.approx((255, 255, 255), abs=TOLERANCE)
