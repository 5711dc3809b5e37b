import shutil
from pathlib import Path

import pytest
import skimage.data
from PIL import Image
from tests.local.command_line import safelight

from imagekit.watermarks.invisible import mark_invisibly
from safelight_contracts.image_types import ImageType
from safelight_local.cli.watermark import read_watermark
from safelight_local.errors import UserError

COFFEE = Path(skimage.data.__file__).parent / "coffee.png"


@pytest.fixture(scope="module")
def marked() -> Image.Image:
    return mark_invisibly(Image.open(COFFEE).convert("RGB"), mark="IMG-0042")


@pytest.mark.parametrize("image_type", [ImageType.JPEG, ImageType.PNG, ImageType.WEBP, ImageType.AVIF])
def test_the_mark_of_a_file_is_printed(tmp_path: Path, marked: Image.Image, image_type: ImageType) -> None:
    marked.save(tmp_path / "a photo", image_type)
    done = safelight(tmp_path, "watermark", "a photo")
    assert (done.returncode, done.stdout, done.stderr) == (0, "IMG-0042\n", "")


def test_a_mark_survives_halving_and_rotation(tmp_path: Path, marked: Image.Image) -> None:
    half = marked.resize((300, 200), Image.Resampling.LANCZOS).transpose(Image.Transpose.ROTATE_90)
    exif = Image.Exif()
    exif[0x0112] = 6
    half.save(tmp_path / "a.jpg", quality=90, exif=exif)
    assert safelight(tmp_path, "watermark", "a.jpg").stdout == "IMG-0042\n"


def test_the_exit_code_says_that_a_file_has_no_mark(tmp_path: Path) -> None:
    shutil.copy(COFFEE, tmp_path / "coffee.png")
    done = safelight(tmp_path, "watermark", "coffee.png")
    assert (done.returncode, done.stdout, done.stderr) == (1, "coffee.png: no invisible watermark\n", "")


@pytest.mark.parametrize(
    ("content", "says"),
    [(None, "cannot read a.jpg (No such file"), (b"a text file", "a.jpg cannot be read: UNREADABLE_IMAGE")],
)
def test_an_unreadable_file_is_reported_in_one_line(tmp_path: Path, content: bytes | None, says: str) -> None:
    if content is not None:
        (tmp_path / "a.jpg").write_bytes(content)
    done = safelight(tmp_path, "watermark", "a.jpg")
    assert done.returncode == 2
    assert done.stderr.startswith(f"safelight: {says}")
    assert len(done.stderr.splitlines()) == 1


def test_a_folder_with_the_name_of_the_reader_is_ignored(tmp_path: Path, marked: Image.Image) -> None:
    (tmp_path / "imagekit").mkdir()
    (tmp_path / "imagekit" / "__init__.py").write_text("raise SystemExit('not this one')")
    marked.save(tmp_path / "a.png")
    assert safelight(tmp_path, "watermark", "a.png").stdout == "IMG-0042\n"


def test_a_missing_library_is_reported_with_advice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "photo.jpg").touch()
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    with pytest.raises(UserError, match=r"is not installed: install the extra `local`"):
        read_watermark(tmp_path / "photo.jpg")
