"""Peak memory of decoding each kind of image, for the analysis image and for renditions.

Run it from the root as `python bench/memory.py [KIND ...]`. Each picture is drawn and decoded in its own process. The
table has the peak memory of that process, including the file, the interpreter and boto3, as in a function. The
environment variable SIDE changes the number of pixels a side.

The last columns are for the values of `imagekit.formats` and `imagekit.sandbox.images`: by how many bytes a pixel the
address space grows, which is what the operating system limits, and by how many MB whatever the number of pixels is:
threads, renditions, and the like. They are those of the line through two pictures, of SIDE and of half of it. Types
whose pixels the limits restrict to fewer are measured too.
"""

import argparse
import os
import struct
import subprocess
import sys
import tempfile
import zlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import tifffile
from PIL import Image

sys.path[:0] = [str(Path(__file__).parent.parent / folder) for folder in ("", "lambdas", "constructs")]

SIDE = int(os.environ.get("SIDE", "10000"))


def picture(mode: str) -> Image.Image:
    """Draw a smooth picture with a little noise, which compresses about as well as a photograph."""
    bands = [Image.linear_gradient("L").rotate(90 * band).resize((SIDE, SIDE)) for band in range(len(mode))]
    noise = Image.effect_noise((1000, 1000), 12).resize((SIDE, SIDE), Image.Resampling.NEAREST)
    return Image.merge(mode, [Image.blend(band, noise, 0.1) for band in bands]) if len(mode) > 1 else bands[0]


def by_pillow(mode: str, image_type: str, **options: object) -> Callable[[Path], None]:
    """Write with Pillow."""
    return lambda path: picture(mode).save(path, image_type, **options)


def by_tifffile(dtype: str, *, channels: int, rows: int = 64) -> Callable[[Path], None]:
    """Write a TIFF of samples that Pillow cannot write, with a number of rows per strip."""

    def write(path: Path) -> None:
        plane = np.linspace(0, 1, SIDE)[None, :] * np.linspace(0, 1, SIDE)[:, None]
        most = 1 if dtype == "float32" else np.iinfo(dtype).max
        samples = (np.round(plane * 255) / 255 * most).astype(dtype)
        if channels > 1:
            samples = np.repeat(samples[:, :, None], channels, axis=2)
        tifffile.imwrite(
            path,
            samples,
            compression="zlib",
            photometric="rgb" if channels > 1 else "minisblack",
            extrasamples=["unassalpha"] if channels == 4 else None,
            rowsperstrip=rows,
        )

    return write


def by_hand_png(*, channels: int) -> Callable[[Path], None]:
    """Write a PNG of 16 bits a sample, which Pillow only writes in grey."""

    def write(path: Path) -> None:
        color = {1: 0, 2: 4, 3: 2, 4: 6}[channels]
        row = np.repeat(np.linspace(0, 65_535, SIDE).astype(">u2")[:, None], channels, axis=1).tobytes()
        compressor = zlib.compressobj(1)
        data = b"".join(compressor.compress(b"\0" + row) for _ in range(SIDE)) + compressor.flush()

        def chunk(kind: bytes, content: bytes) -> bytes:
            return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

        header = struct.pack(">IIBBBBB", SIDE, SIDE, 16, color, 0, 0, 0)
        path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b""))

    return write


def by_hand_bmp(*, bits: int, masks: tuple[int, ...] = ()) -> Callable[[Path], None]:
    """Write a BMP with bit masks for each colour and alpha, which Pillow cannot."""

    def write(path: Path) -> None:
        row = np.linspace(0, 2**bits - 1, SIDE).astype(f"<u{bits // 8}").tobytes()
        row += bytes(-len(row) % 4)
        behind = struct.pack(f"<{len(masks)}I", *masks).ljust(84, b"\0") if masks else b""
        layout = (3 if masks else 0, len(row) * SIDE, 0, 0, 0, 0)
        header = struct.pack("<IiiHHIIiiII", 40 + len(behind), SIDE, SIDE, 1, bits, *layout) + behind
        start = b"BM" + struct.pack("<IHHI", 14 + len(header) + len(row) * SIDE, 0, 0, 14 + len(header))
        with path.open("wb") as file:
            file.write(start + header)
            file.writelines(row for _ in range(SIDE))

    return write


def by_opencv(*, channels: int, noise: int = 0) -> Callable[[Path], None]:
    """Write a JPEG 2000 of 16 bits a sample, with noise of a number of levels, which cannot be compressed."""

    def write(path: Path) -> None:
        import cv2

        plane = (np.linspace(0, 1, SIDE)[None, :] * np.linspace(0, 65_535, SIDE)[:, None]).astype(np.uint16)
        if noise:
            plane //= 2
            plane += np.random.default_rng(0).integers(0, noise, plane.shape, dtype=np.uint16)
        samples = plane if channels == 1 else np.repeat(plane[:, :, None], channels, axis=2)
        done, data = cv2.imencode(".jp2", samples)
        if not done:
            raise SystemExit("OpenCV wrote no JPEG 2000")
        path.write_bytes(data.tobytes())

    return write


def by_libvips(suffix: str, **options: object) -> Callable[[Path], None]:
    """Write a gradient of 16 bits a sample with alpha in a format that libvips knows by a suffix."""

    def write(path: Path) -> None:
        import pyvips

        plane = ((pyvips.Image.xyz(SIDE, SIDE)[0] * (255 / SIDE)).cast("uchar") * 257).cast("ushort")
        samples = plane.bandjoin([plane, plane, plane]).copy(interpretation="rgb16")
        path.write_bytes(samples.write_to_buffer(suffix, **options))

    return write


def by_pillow_heif(mode: str, *, chroma: int = 420) -> Callable[[Path], None]:
    """Write HEIC with pillow-heif, of 8 bits a sample, or of 10 if the mode ends with `;16`."""

    def write(path: Path) -> None:
        from bench.heic import pillow_heif_folder

        sys.path.append(str(pillow_heif_folder()))
        import pillow_heif

        samples = np.asarray(picture(mode.removesuffix(";16")))
        if mode.endswith(";16"):
            samples = samples.astype(np.uint16) * 257
        file = pillow_heif.from_bytes(mode=mode, size=(SIDE, SIDE), data=samples.tobytes())
        # Otherwise, encoding takes minutes.
        file.save(path, quality=60, chroma=chroma, enc_params={"preset": "ultrafast"})

    return write


def by_hand_dng() -> Callable[[Path], None]:
    """Write a DNG of sensor data, without a preview and without compression."""

    def write(path: Path) -> None:
        plane = (np.linspace(0, 1, SIDE)[None, :] * np.linspace(0, 65_535, SIDE)[:, None]).astype(np.uint16)
        tags = [
            (33421, 3, 2, (2, 2), True),
            (33422, 1, 4, bytes([0, 1, 1, 2]), True),
            (50706, 1, 4, bytes([1, 4, 0, 0]), True),
            (50717, 4, 1, 65_535, True),
        ]
        tifffile.imwrite(path, plane, photometric=32803, extratags=tags)

    return write


KINDS: dict[str, Callable[[Path], None]] = {
    "JPEG": by_pillow("RGB", "JPEG"),
    "JPEG 4:4:4": by_pillow("RGB", "JPEG", subsampling="4:4:4"),
    "JPEG CMYK": by_pillow("CMYK", "JPEG"),
    "JPEG progressive": by_pillow("RGB", "JPEG", progressive=True),
    "JPEG progressive 4:4:4": by_pillow("RGB", "JPEG", progressive=True, subsampling="4:4:4"),
    "JPEG progressive CMYK": by_pillow("CMYK", "JPEG", progressive=True),
    "PNG 8 L": by_pillow("L", "PNG", compress_level=1),
    "PNG 8 RGB": by_pillow("RGB", "PNG", compress_level=1),
    "PNG 8 RGBA": by_pillow("RGBA", "PNG", compress_level=1),
    "PNG 8 P transparent": lambda path: picture("L").convert("P").save(path, "PNG", transparency=0, compress_level=1),
    "PNG 16 L": by_hand_png(channels=1),
    "PNG 16 LA": by_hand_png(channels=2),
    "PNG 16 RGB": by_hand_png(channels=3),
    "PNG 16 RGBA": by_hand_png(channels=4),
    "PNG 16 RGBA interlaced": by_libvips(".png", bitdepth=16, interlace=True, compression=1),
    "WEBP lossy": by_pillow("RGB", "WEBP", method=0),
    "WEBP lossy alpha": by_pillow("RGBA", "WEBP", method=0),
    "WEBP lossless": by_pillow("RGB", "WEBP", method=0, lossless=True, quality=0),
    "WEBP lossless alpha": by_pillow("RGBA", "WEBP", method=0, lossless=True, quality=0),
    "TIFF 8 RGB": by_pillow("RGB", "TIFF", compression="tiff_adobe_deflate"),
    "TIFF 8 RGBA": by_pillow("RGBA", "TIFF", compression="tiff_adobe_deflate"),
    "TIFF 8 CMYK": by_pillow("CMYK", "TIFF", compression="tiff_adobe_deflate"),
    "TIFF 16 L": by_tifffile("uint16", channels=1),
    "TIFF 16 RGB": by_tifffile("uint16", channels=3),
    "TIFF 16 RGBA": by_tifffile("uint16", channels=4),
    "TIFF 8 RGB one strip": by_tifffile("uint8", channels=3, rows=SIDE),
    "TIFF 16 RGB one strip": by_tifffile("uint16", channels=3, rows=SIDE),
    "TIFF 16 RGBA one strip": by_tifffile("uint16", channels=4, rows=SIDE),
    "TIFF 8 Lab one strip": lambda path: (
        picture("RGB").convert("LAB").save(path, "TIFF", compression="tiff_adobe_deflate", strip_size=SIDE**2 * 3)
    ),
    "TIFF float32 RGBA": by_tifffile("float32", channels=4),
    "TIFF float32 RGBA one strip": by_tifffile("float32", channels=4, rows=SIDE),
    "TIFF float32 one strip": by_tifffile("float32", channels=1, rows=SIDE),
    "TIFF 32 RGB": by_tifffile("int32", channels=3),
    "TIFF 32 L": by_tifffile("int32", channels=1),
    "TIFF float32 L": by_tifffile("float32", channels=1),
    "AVIF": by_pillow("RGB", "AVIF", speed=10),
    "AVIF 4:4:4": by_pillow("RGB", "AVIF", speed=10, subsampling="4:4:4"),
    "AVIF alpha": by_pillow("RGBA", "AVIF", speed=10),
    "AVIF 10 alpha": by_libvips(".avif", bitdepth=10, effort=0),
    "HEIC": by_pillow_heif("RGB"),
    "HEIC alpha": by_pillow_heif("RGBA"),
    "HEIC 10": by_pillow_heif("RGB;16"),
    "HEIC 10 alpha": by_pillow_heif("RGBA;16"),
    "HEIC 10 alpha 4:4:4": by_pillow_heif("RGBA;16", chroma=444),
    "GIF": by_pillow("L", "GIF"),
    "GIF transparent": lambda path: picture("L").convert("P").save(path, "GIF", transparency=0),
    "GIF replaced": lambda path: picture("P").save(
        path, "GIF", save_all=True, append_images=[Image.new("L", (8, 8))], disposal=3
    ),
    "BMP 1": lambda path: picture("L").convert("1").save(path, "BMP"),
    "BMP 8 L": by_pillow("L", "BMP"),
    "BMP 8 P": lambda path: picture("L").convert("P").save(path, "BMP"),
    "BMP 16": by_hand_bmp(bits=16),
    "BMP 24": by_pillow("RGB", "BMP"),
    "BMP 32": by_hand_bmp(bits=32),
    "BMP 32 alpha": by_hand_bmp(bits=32, masks=(0xFF0000, 0xFF00, 0xFF, 0xFF000000)),
    "BMP 32 of 10 bits": by_hand_bmp(bits=32, masks=(0x3FF00000, 0xFFC00, 0x3FF, 0xC0000000)),
    "JPEG 2000 8 L": by_pillow("L", "JPEG2000"),
    "JPEG 2000 8 RGB": by_pillow("RGB", "JPEG2000"),
    "JPEG 2000 8 RGB lossy": by_pillow("RGB", "JPEG2000", irreversible=True, quality_layers=[20]),
    "JPEG 2000 8 RGBA": by_pillow("RGBA", "JPEG2000"),
    "JPEG 2000 8 RGBA tiles": by_pillow("RGBA", "JPEG2000", tile_size=(1024, 1024)),
    "JPEG 2000 16 L": by_opencv(channels=1),
    "JPEG 2000 16 RGB": by_opencv(channels=3),
    "JPEG 2000 16 RGBA": by_opencv(channels=4),
    "JPEG 2000 16 RGBA noise": by_opencv(channels=4, noise=256),
    "RAW": by_hand_dng(),
    "RAW in full": by_hand_dng(),
}


def decode(path: Path, *, use: str, method: str) -> None:
    """Process a file like a step. Print the peak memory, and by how much the address space grew, in MB."""
    from importlib import import_module

    from awskit import clients
    from imagekit.formats.inspection import count_frames, inspect_header
    from imagekit.formats.registry import FORMATS
    from imagekit.rendering.analysis import prepare_analysis_image
    from imagekit.rendering.render import render
    from imagekit.source import BytesSource
    from safelight_contracts.development import Development, DevelopmentMethod
    from safelight_contracts.image_types import ImageType
    from safelight_contracts.renditions import Fit, Rendition

    clients.s3()
    data = path.read_bytes()
    header = inspect_header(BytesSource(data))
    header = replace(header, frames=count_frames(data, header=header, at_most=2))
    # The worker imports them before it limits its memory.
    for library in ("imagekit.sandbox.image_tasks", *FORMATS[header.type].libraries):
        import_module(library)
    before = _memory("VmSize")
    development = Development(method=DevelopmentMethod(method))
    if use == "prepared":
        prepare_analysis_image(data, header=header, development=development)
    else:
        # The default renditions.
        renditions = [
            Rendition(name=str(width), width=width, height=None, fit=Fit.INSIDE, type=ImageType.JPEG)
            for width in (1920, 1280, 640, 320)
        ]
        render(data, header=header, renditions=renditions, development=development)
    print(_memory("VmHWM"), _memory("VmPeak") - before)


def _memory(field: str) -> float:
    # Not getrusage, whose value is inherited from the parent through exec.
    status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    return int(status[field].split()[0]) * 1024 / 1e6


def child(*arguments: str, side: int = SIDE) -> str:
    """Run this script in a new process."""
    # Each thread may reserve addresses for its own heap. It needs none: if there are none left, it uses another's.
    environment = os.environ | {"AWS_DEFAULT_REGION": "us-east-1", "SIDE": str(side), "MALLOC_ARENA_MAX": "1"}
    command = [sys.executable, __file__, *arguments]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        raise SystemExit(done.stderr)
    return done.stdout


def main() -> None:
    """Print the table, or run as the child process."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kinds", nargs="*", metavar="KIND", help="a kind such as 'PNG 8 RGBA'. Default: all kinds")
    parser.add_argument("--draw", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--decode", choices=["prepared", "renditions"], help=argparse.SUPPRESS)
    parser.add_argument("--method", default="preview", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.draw:
        KINDS[given.kinds[0]](given.draw)
        return
    if given.decode:
        decode(Path(given.kinds[0]), use=given.decode, method=given.method)
        return
    print(
        f"{'format':<24} {'megapixels':>10} {'file MB':>8} {'analysis MB':>11} {'renditions MB':>13}"
        f" {'analysis, bytes a pixel':>23} {'+ MB':>6} {'renditions, bytes a pixel':>25} {'+ MB':>6}"
    )
    with tempfile.TemporaryDirectory() as folder:
        for kind in given.kinds or KINDS:
            print(row(kind, path=Path(folder) / "picture"), flush=True)


def row(kind: str, *, path: Path) -> str:
    """Measure a kind, and format its row of the table.

    Parameters
    ----------
    kind
        The kind.
    path
        A path for its pictures.
    """
    method = "full" if kind == "RAW in full" else "preview"
    uses = ("prepared", "renditions")
    measured = []
    for side in (SIDE // 2, SIDE):
        child("--draw", str(path), kind, side=side)
        decoded = [child("--decode", use, "--method", method, str(path)).split() for use in uses]
        measured.append([(float(peak), float(growth)) for peak, growth in decoded])
    text = f"{kind:<24} {SIDE**2 / 1e6:>10.0f} {path.stat().st_size / 1e6:>8.1f}"
    text += "".join(f" {peak:>{width}.0f}" for (peak, _), width in zip(measured[1], (11, 13), strict=True))
    for (_, half), (_, whole), width in zip(*measured, (23, 25), strict=True):
        bytes_a_pixel = (whole - half) / (3 / 4 * SIDE**2 / 1e6)
        text += f" {bytes_a_pixel:>{width}.1f} {whole - bytes_a_pixel * SIDE**2 / 1e6:>6.0f}"
    return text


if __name__ == "__main__":
    main()
