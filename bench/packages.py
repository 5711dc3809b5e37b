"""Unzipped size of each function's package: its code and its layers, for both processors.

Run it from the root as `python -m bench.packages`. The functions are built as the library builds them for AWS. The
first run takes minutes, because pip downloads the layers of both processors into the cache.
"""

import argparse
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from bench.assembly import WORKFLOWS, BuiltFunction, build_functions, files_of
from safelight import Architecture, Platform

GOAL_MB = 60
"""The largest unzipped package of a function that neither develops camera raw nor uses OpenCV."""

# The first part of the paths in all layers, such as `python/PIL/Image.py`.
_LAYER_ROOT = "python"
_LARGEST = 4


@dataclass(frozen=True, kw_only=True)
class Package:
    """The unzipped size of one function's package.

    Attributes
    ----------
    workflows
        The workflows that have a function with exactly these layers under this name. A workflow that differs from its
        version by the detector is only named if the detector makes the difference.
    function
        The step's name.
    megabytes
        By processor, in millions of bytes.
    largest
        The largest parts of the first processor's, in millions of bytes.
    exempt
        Why it may exceed `GOAL_MB`. Empty if it may not.
    """

    workflows: tuple[str, ...]
    function: str
    megabytes: Mapping[str, float]
    largest: Mapping[str, float]
    exempt: str


def measure_packages(platforms: Mapping[str, str]) -> list[Package]:
    """Build the functions of all workflows and measure their packages.

    Parameters
    ----------
    platforms
        Context values of `safelight:platform`, by the titles of the columns.
    """
    built: dict[tuple[str, tuple[str, ...]], dict[str, BuiltFunction]] = {}
    workflows: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    with tempfile.TemporaryDirectory() as scratch:
        for column, platform in platforms.items():
            for name, arguments in WORKFLOWS.items():
                folder = Path(scratch) / column / name
                for function in build_functions(folder, platform=platform, **arguments):
                    key = function.id, tuple(function.layers)
                    built.setdefault(key, {})[column] = function
                    named = workflows.setdefault(key, [])
                    if not any(name.startswith(other) for other in named):
                        named.append(name)
        return [
            Package(
                workflows=tuple(workflows[key]),
                function=key[0],
                megabytes={column: _megabytes(function.assets) for column, function in columns.items()},
                largest=_largest(next(iter(columns.values())).assets),
                exempt=_exemption(key[1]),
            )
            for key, columns in built.items()
        ]


def _exemption(layers: Iterable[str]) -> str:
    reasons = {"raw": "develops camera raw", "opencv": "uses OpenCV, if you choose it"}
    return next((reason for layer, reason in reasons.items() if layer in layers), "")


def _megabytes(assets: Iterable[Path]) -> float:
    return sum(sum(files_of(asset).values()) for asset in assets) / 1e6


def _largest(assets: Iterable[Path]) -> dict[str, float]:
    parts: Counter[str] = Counter()
    for asset in assets:
        for path, size in files_of(asset).items():
            part = path.removeprefix(f"{_LAYER_ROOT}/").split("/")[0]
            # The libraries that auditwheel adds to a package belong to it.
            parts[part.removesuffix(".libs")] += size
    return {part: size / 1e6 for part, size in parts.most_common(_LARGEST)}


def table(packages: Iterable[Package]) -> Iterator[str]:
    """Yield the lines of the table, in Markdown."""
    rows = sorted(packages, key=lambda package: -max(package.megabytes.values()))
    columns = list(rows[0].megabytes)
    heads = ["function", "in", *(f"MB, {column}" for column in columns), "largest parts, MB", f"under {GOAL_MB} MB"]
    yield f"| {' | '.join(heads)} |"
    yield f"| --- | --- |{' ---: |' * len(columns)} --- | --- |"
    for row in rows:
        sizes = " | ".join(f"{row.megabytes[column]:.1f}" for column in columns)
        largest = ", ".join(f"{part} {size:.1f}" for part, size in row.largest.items() if size >= 0.1)
        holds = "yes" if max(row.megabytes.values()) < GOAL_MB else f"no: {row.exempt or 'TOO LARGE'}"
        yield f"| {row.function} | {', '.join(row.workflows)} | {sizes} | {largest} | {holds} |"


def too_large(packages: Iterable[Package]) -> Iterator[str]:
    """Yield an error for each package that exceeds the goal and may not."""
    for package in packages:
        if max(package.megabytes.values()) >= GOAL_MB and not package.exempt:
            yield f"{package.function} of {', '.join(package.workflows)} is over {GOAL_MB} MB"


def main() -> None:
    """Print the table. The exit code is 1 if a package exceeds the goal."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    packages = measure_packages({one.value: f"{Platform.python}-{one.value}" for one in Architecture})
    print("\n".join(table(packages)))
    if found := list(too_large(packages)):
        sys.exit("\n".join(found))


if __name__ == "__main__":
    main()
