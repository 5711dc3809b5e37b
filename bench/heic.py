"""pillow-heif, which writes HEIC. It bundles x265, which is GPL, so neither the functions nor the tools include it."""

import subprocess
import sys
from pathlib import Path

from safelight_models.cache import cache_folder


def pillow_heif_folder() -> Path:
    """Return the folder that has pillow-heif, for `sys.path`. Install it there if it is not."""
    folder = cache_folder() / "bench-heic"
    if not folder.is_dir():
        options = ["--quiet", "--disable-pip-version-check", "--no-deps", "--require-hashes", "--target", str(folder)]
        requirements = Path(__file__).with_name("heic.txt")
        command = [sys.executable, "-m", "pip", "install", *options, "--requirement", str(requirements)]
        subprocess.run(command, check=True)  # noqa: S603
    return folder
