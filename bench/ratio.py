"""How many pixels real files have for each byte, which the limit on that ratio must accept.

Run it from the root as `python bench/ratio.py [KIND ...]`. A blank page, such as an empty scan or a placeholder,
compresses best of all realistic uploads. A drawing of a few plain areas, such as a screenshot, and a page of text are
next. Each has SIDE pixels a side (default: 4,000), and is written by Pillow.
"""

import os
import sys
from collections.abc import Mapping
from io import BytesIO
from typing import Any

from PIL import Image, ImageDraw

SIDE = int(os.environ.get("SIDE", "4000"))

OPTIONS: Mapping[str, tuple[str, str, dict[str, Any]]] = {
    "JPEG": ("RGB", "JPEG", {"optimize": True}),
    "JPEG progressive": ("RGB", "JPEG", {"progressive": True}),
    "PNG": ("RGB", "PNG", {"compress_level": 9}),
    "PNG 1 bit": ("1", "PNG", {"compress_level": 9}),
    "GIF": ("P", "GIF", {}),
    "TIFF LZW": ("RGB", "TIFF", {"compression": "tiff_lzw"}),
    "TIFF fax group 4": ("1", "TIFF", {"compression": "group4"}),
    "WebP": ("RGB", "WEBP", {}),
    "WebP lossless": ("RGB", "WEBP", {"lossless": True}),
    "AVIF": ("RGB", "AVIF", {"speed": 9}),
    "JPEG 2000": ("RGB", "JPEG2000", {}),
}


def blank() -> Image.Image:
    """Draw nothing."""
    return Image.new("RGB", (SIDE, SIDE), "white")


def plain() -> Image.Image:
    """Draw a few plain areas, like the window of a program."""
    picture = blank()
    draw = ImageDraw.Draw(picture)
    for number in range(24):
        left, top = SIDE * (number % 6) // 6, SIDE * (number // 6) // 4
        draw.rectangle((left, top, left + SIDE // 9, top + SIDE // 7), fill=(40 * (number % 6), 90, 10 * number))
    return picture


def text() -> Image.Image:
    """Write a page full of lines."""
    picture = blank()
    draw = ImageDraw.Draw(picture)
    line = "The quick brown fox jumps over the lazy dog. " * 3
    for number in range(60):
        draw.text((SIDE / 20, SIDE * (number + 2) / 64), line[number:], fill="black", font_size=SIDE / 80)
    return picture


def main() -> None:
    """Print the table."""
    pictures = {"blank": blank(), "plain areas": plain(), "text": text()}
    print(f"{'pixels for each byte':<20}", *(f"{name:>12}" for name in pictures))
    for kind in sys.argv[1:] or OPTIONS:
        mode, image_type, options = OPTIONS[kind]
        ratios = []
        for picture in pictures.values():
            file = BytesIO()
            picture.convert(mode).save(file, image_type, **options)
            ratios.append(SIDE * SIDE / len(file.getvalue()))
        print(f"{kind:<20}", *(f"{ratio:>12,.0f}" for ratio in ratios), flush=True)


if __name__ == "__main__":
    main()
