import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import skimage.data
from PIL import Image, ImageFont
from tests.unit.pictures import decoded, encoded
from tests.unit.recorded import Recorded

from awskit import watermarks
from awskit.watermarks import WatermarkMissingError
from image_workflow.resize.handler import handler
from imagekit.watermarks.invisible import read_mark

Upload = Callable[..., dict[str, Any]]
PHOTOGRAPH = (Path(skimage.data.__file__).parent / "coffee.png").read_bytes()
MARKED = {"name": "a", "width": 480, "height": None, "fit": "inside", "type": "PNG", "quality": None}
LAID = {"position": "top-left", "scale": 0.3, "opacity": 1.0, "margin": 0.0}


@pytest.fixture
def layer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of watermarks' files on the import path, as Lambda puts it there from the layer."""
    folder = tmp_path / "layer" / "watermarks"
    folder.mkdir(parents=True)
    monkeypatch.setattr(sys, "path", [*sys.path, str(folder.parent)])
    monkeypatch.delitem(sys.modules, "watermarks", raising=False)
    watermarks._read.cache_clear()
    return folder


@pytest.fixture
def publish(aws: Recorded, upload: Upload, monkeypatch: pytest.MonkeyPatch) -> Callable[[dict[str, Any]], Image.Image]:
    """Make one rendition with the step and read it from the bucket."""
    s3 = aws.emulator.endpoints.s3

    def make(rendition: dict[str, Any]) -> Image.Image:
        monkeypatch.setenv("RENDITIONS", json.dumps([rendition]))
        (made,) = handler(upload(PHOTOGRAPH), None)["renditions"]
        return decoded(s3.get_object(Bucket=aws.bucket, Key=made["key"])["Body"].read())

    return make


Publish = Callable[[dict[str, Any]], Image.Image]


def test_an_invisible_mark_is_in_what_is_published(publish: Publish) -> None:
    assert read_mark(publish(MARKED | {"invisibleWatermark": "IMG-0042"})) == "IMG-0042"


def test_an_image_from_the_layer_is_drawn(publish: Publish, layer: Path) -> None:
    (layer / "1234.png").write_bytes(encoded(Image.new("RGB", (30, 30), "lime"), "PNG"))
    made = publish(MARKED | {"watermark": LAID | {"image": "1234.png"}})
    assert made.getpixel((20, 20)) == (0, 255, 0)
    assert made.getpixel((400, 200)) != (0, 255, 0)


def test_a_text_is_drawn_without_a_layer(publish: Publish) -> None:
    plain, marked = publish(MARKED), publish(MARKED | {"watermark": LAID | {"text": "© Anna", "color": "#ffffff"}})
    assert plain != marked


def test_a_text_is_drawn_in_the_font_of_the_layer(publish: Publish, layer: Path) -> None:
    font = ImageFont.load_default(10)
    assert isinstance(font, ImageFont.FreeTypeFont)
    (layer / "1234.font").write_bytes(font.path.getvalue())  # type: ignore[union-attr]
    described = LAID | {"text": "© Anna", "color": "#ffffff", "font": "1234.font"}
    assert publish(MARKED | {"watermark": described}) != publish(MARKED)


@pytest.mark.parametrize("described", [{"image": "none.png"}, {"text": "a", "color": "#ffffff", "font": "none.font"}])
def test_an_image_is_not_published_without_its_mark(publish: Publish, layer: Path, described: dict[str, str]) -> None:
    assert layer.is_dir()
    with pytest.raises(WatermarkMissingError, match=r"none\.\w+ is missing\. Is the layer watermarks on this function"):
        publish(MARKED | {"watermark": LAID | described})
