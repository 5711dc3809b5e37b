"""The cost of a target: processor seconds and encodes to find the smallest file that reaches a similarity.

Run it from the root as `python bench/targets.py [WIDTH ...]`. For each width and type, it prints the worst of three
targets, for a photograph with sensor noise.
"""

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest.mock import patch

import skimage.data
from PIL import Image

sys.path.insert(0, str(Path(__file__).parent.parent / "lambdas"))

from imagekit.rendering import encode as encoding
from imagekit.rendering import quality
from safelight_contracts.image_types import ImageType
from safelight_contracts.renditions import Ssim

WIDTHS = (640, 1280, 1920, 4000, 6000)
TYPES = (ImageType.JPEG, ImageType.WEBP, ImageType.AVIF)
TARGETS = (0.92, 0.97, 0.99)


def photograph(width: int) -> Image.Image:
    """Enlarge a photograph of 3:2, and add noise, because enlarging makes it smooth."""
    size = (width, round(width / 1.5))
    drawn = Image.fromarray(skimage.data.coffee())  # type: ignore[no-untyped-call]
    picture = drawn.resize(size, Image.Resampling.LANCZOS)
    return Image.blend(picture, Image.effect_noise(size, 40).convert("RGB"), 0.08)


def counted(encodes: list[int]) -> Callable[..., bytes]:
    """Encode, and count the encode."""
    encode = encoding.encode

    def counting(picture: Image.Image, **options: Any) -> bytes:
        encodes.append(options["quality"])
        return encode(picture, **options)

    return counting


def main() -> None:
    """Print the table."""
    print(f"{'width':>6} {'type':<5} {'encodes':>8} {'seconds':>8}")
    for width in map(int, sys.argv[1:]) if sys.argv[1:] else WIDTHS:
        picture = photograph(width)
        for image_type in TYPES:
            worst = (0.0, 0)
            for value in TARGETS:
                encodes: list[int] = []
                target = Ssim(value, tolerance=0.0)
                start = time.process_time()
                with patch.object(quality, "encode", counted(encodes)):
                    quality.encode_to_target(picture, image_type=image_type, target=target, background="#ffffff")
                worst = max(worst, (time.process_time() - start, len(encodes)))
            print(f"{width:>6} {image_type:<5} {worst[1]:>8} {worst[0]:>8.1f}", flush=True)


if __name__ == "__main__":
    main()
