"""Which part may import which: `python tools/import_contracts.py`, as `make check` does.

The contracts are import-linter's. Their lists of systems come from the folders, so a new system is held to the rules
from its first file.
"""

import configparser
import sys
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from importlinter.cli import lint_imports

ROOT = Path(__file__).parents[1]

# What functions share, from the top layer to the bottom one. Parts of one layer do not import one another.
SHARED_LAYERS = ["awskit", "visionkit | videokit | dicomkit", "imagekit | deliverykit"]
SHARED = [name for layer in SHARED_LAYERS for name in layer.split(" | ")]
STANDARD_LIBRARY_ONLY = ["safelight_contracts", "safelight_models"]


@dataclass(frozen=True, kw_only=True)
class Contract:
    """One contract of import-linter: what it says, its type, and its other options."""

    name: str
    type: str
    options: dict[str, str | list[str]] = field(default_factory=dict)


def systems_of(lambdas: Path) -> list[str]:
    """Return the folders of systems: every package in ``lambdas`` that functions do not share."""
    packages = {path.parent.name for path in lambdas.glob("*/__init__.py")}
    return sorted(packages - set(SHARED))


def import_contracts(systems: Iterable[str]) -> list[Contract]:
    """Return the arrows of the architecture, for these systems."""
    systems = list(systems)
    in_lambda = [*SHARED, *systems]
    return [
        Contract(
            name="imagekit, visionkit, videokit, deliverykit and dicomkit are pure: no AWS client, steps or edge",
            type="forbidden",
            options={
                "source_modules": ["imagekit", "visionkit", "videokit", "deliverykit", "dicomkit"],
                "forbidden_modules": ["boto3", "botocore", "aws_lambda_powertools", "awskit", *systems],
            },
        ),
        Contract(
            name="what functions share imports no function, its parts point one way, and systems are independent",
            type="layers",
            options={"layers": [" | ".join(systems), *SHARED_LAYERS]},
        ),
        Contract(
            name="the rooms of imagekit point one way",
            type="layers",
            options={
                "containers": ["imagekit"],
                "layers": [
                    *("sandbox", "redaction", "operations", "rendering", "watermarks"),
                    *("decoding", "formats", "metadata"),
                    "geometry : source : tiles : rejection",
                ],
                "exhaustive": "true",
            },
        ),
        Contract(
            name="the rooms of awskit point one way",
            type="layers",
            options={
                "containers": ["awskit"],
                "layers": [
                    *(
                        "delivery | redaction",
                        "images | rekognition | outcomes",
                        "records",
                        "storage",
                        "steps : executions : queues",
                    ),
                    "clients : settings : logs : uploads : rejection : bounds : boxes : transient_errors",
                    "sdk",
                ],
                "exhaustive": "true",
            },
        ),
        Contract(
            name="outcomes build on withdrawal, and not on one another",
            type="layers",
            options={
                "containers": ["awskit.outcomes"],
                "layers": ["publication | sweeping | deletion", "withdrawal | announcements | resources"],
                "exhaustive": "true",
            },
        ),
        Contract(
            name="no circles",
            type="acyclic_siblings",
            options={"ancestors": [*in_lambda, "safelight", *STANDARD_LIBRARY_ONLY, "safelight_local"]},
        ),
        Contract(
            name="functions never import one another",
            type="independence",
            options={"modules": [f"{system}.*" for system in systems]},
        ),
        Contract(
            name="the library reads lambdas as files and never imports them",
            type="forbidden",
            options={
                "source_modules": ["safelight"],
                "forbidden_modules": [*in_lambda, "safelight_local", "boto3"],
            },
        ),
        Contract(
            name="the local runner sees only AWS's own APIs",
            type="forbidden",
            options={"source_modules": ["safelight_local"], "forbidden_modules": [*in_lambda, "safelight", "aws_cdk"]},
        ),
        Contract(
            name="what runs in Lambda knows neither the library nor the local runner",
            type="forbidden",
            options={
                "source_modules": in_lambda,
                "forbidden_modules": ["safelight", "safelight_local", "safelight_models", "aws_cdk"],
            },
        ),
        Contract(
            name="systems are built from core, and import neither one another nor are imported by it",
            type="independence",
            options={"modules": ["safelight.*"], "ignore_imports": ["safelight.** -> safelight.core.**"]},
        ),
        Contract(
            name="the rooms of the local runner point one way",
            type="layers",
            options={
                "containers": ["safelight_local"],
                "layers": [
                    "__main__ | demo",
                    "cli | demo_delivery | demo_redaction",
                    "live_uploads",
                    "tables | failed_uploads",
                    "outcomes | redacted_files",
                    "console | doctor | follow | dng | previews | samples | sample_clip | new_app",
                    "web_pages",
                    "emulator | diagram | terminal",
                    "aws | rekognition | cdk_cli",
                    "servers | nodejs | installation | saved_files | disk_space",
                    "errors",
                    "visible_text",
                ],
                "exhaustive": "true",
            },
        ),
        Contract(
            name="contracts and models stand on the standard library alone",
            type="forbidden",
            options={
                "source_modules": STANDARD_LIBRARY_ONLY,
                "forbidden_modules": [
                    *in_lambda,
                    *("safelight", "safelight_local", "aws_cdk", "constructs", "boto3", "numpy", "onnxruntime", "PIL"),
                ],
            },
        ),
        Contract(
            name="contracts and models do not know each other",
            type="independence",
            options={"modules": STANDARD_LIBRARY_ONLY},
        ),
    ]


def write_config(path: Path, *, systems: Iterable[str]) -> None:
    """Write import-linter's configuration in its INI format."""
    systems = list(systems)
    config = configparser.ConfigParser()
    config["importlinter"] = {
        "root_packages": _lines([*SHARED, *systems, "safelight", *STANDARD_LIBRARY_ONLY, "safelight_local"]),
        "include_external_packages": "True",
    }
    for number, contract in enumerate(import_contracts(systems), start=1):
        config[f"importlinter:contract:{number}"] = {
            "name": contract.name,
            "type": contract.type,
            **{key: value if isinstance(value, str) else _lines(value) for key, value in contract.options.items()},
        }
    with path.open("w") as file:
        config.write(file)


def _lines(values: Iterable[str]) -> str:
    return "".join(f"\n{value}" for value in values)


def main() -> int:
    """Check the imports of this checkout, and return the exit status."""
    lambdas = ROOT / "lambdas"
    sys.path[:0] = [str(lambdas), str(ROOT / "constructs"), str(ROOT / "local")]
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "importlinter.ini"
        write_config(config, systems=systems_of(lambdas))
        return lint_imports(config_filename=str(config), no_logo=True)


if __name__ == "__main__":
    sys.exit(main())
