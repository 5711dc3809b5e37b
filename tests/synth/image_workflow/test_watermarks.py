"""What a watermark may be, and how its files come to the function that lays it on."""

import json
import zlib
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageFont

from safelight import ImageType, Rendition, Watermark, WatermarkPosition, WorkflowVersion
from safelight_contracts.watermarks import _NON_ASCII_OF_BUILT_IN_FONT


@pytest.fixture
def logo(tmp_path: Path) -> Path:
    path = tmp_path / "logo.png"
    Image.new("RGBA", (40, 20), (255, 0, 0, 128)).save(path)
    return path


@pytest.fixture
def font(tmp_path: Path) -> Path:
    path = tmp_path / "font.ttf"
    path.write_bytes(b"\x00\x01\x00\x00 and so on")
    return path


@pytest.mark.parametrize(
    ("text", "arguments", "message"),
    [
        ("", {}, "one line of 1 to 100 characters"),
        ("  ", {}, "one line of 1 to 100 characters"),
        ("a\nb", {}, "one line of 1 to 100 characters"),
        ("a" * 101, {}, "one line of 1 to 100 characters"),
        ("© Žofie", {}, "has no 'Ž'\\. Give font="),
        ("a", {"color": "white"}, "color='white' must be a colour as #rrggbb"),
        ("a", {"scale": 0.01}, r"scale=0\.01 .* must be 0\.05 to 1"),
        ("a", {"scale": float("nan")}, r"scale=nan .* must be 0\.05 to 1"),
        ("a", {"opacity": 0}, "opacity=0 must be above 0, and at most 1"),
        ("a", {"opacity": 60}, "opacity=60 must be above 0, and at most 1"),
        ("a", {"margin": 0.6}, r"margin=0\.6 .* must be 0 to 0\.5"),
    ],
)
def test_a_text_that_cannot_be_drawn_is_rejected(text: str, arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=f"Watermark.*{message}"):
        Watermark.text(text, **arguments)


def test_pillows_font_has_every_character_that_needs_no_custom_font() -> None:
    font = ImageFont.load_default(40)
    missing = bytes(font.getmask("\uffff"))
    for sign in [*map(chr, range(0x21, 0x7F)), *_NON_ASCII_OF_BUILT_IN_FONT]:
        assert bytes(font.getmask(sign)) != missing


def test_a_text_in_a_custom_font_may_have_any_character(font: Path) -> None:
    assert Watermark.text("© Žofie", font=font).words == "© Žofie"


def test_an_invalid_font_is_rejected(logo: Path, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"not a TrueType or OpenType file\. Use a \.ttf or \.otf"):
        Watermark.text("a", font=logo)
    with pytest.raises(ValueError, match=r"absent\.ttf cannot be read \(No such file"):
        Watermark.text("a", font=tmp_path / "absent.ttf")


def with_size(data: bytes, *, width: int) -> bytes:
    """Let a PNG's header say another width, its checksum put right."""
    header = b"IHDR" + width.to_bytes(4, "big") + data[20:29]
    return data[:12] + header + zlib.crc32(header).to_bytes(4, "big") + data[33:]


def test_an_invalid_image_is_rejected(logo: Path, tmp_path: Path) -> None:
    whole = logo.read_bytes()
    for content, message in [
        (b"", "not a PNG. Convert it"),
        (b"\xff\xd8\xff\xe0 a JPEG", "not a PNG. Convert it"),
        (whole[:-1], "truncated or broken PNG"),
        (whole[:60], "truncated or broken PNG"),
        (whole[:50] + bytes([whole[50] ^ 1]) + whole[51:], "truncated or broken PNG"),
        (whole[:33] + whole[-12:], "truncated or broken PNG"),
        (with_size(whole, width=2001), "2001 x 20 pixels, and the maximum is 2,000 a side"),
        (with_size(whole, width=0), "0 x 20 pixels"),
        (whole + bytes(2_000_000), "and the maximum is 2,000,000"),
    ]:
        broken = tmp_path / "broken.png"
        broken.write_bytes(content)
        with pytest.raises(ValueError, match=message):
            Watermark.image(broken)
    with pytest.raises(ValueError, match=r"absent\.png cannot be read \(No such file"):
        Watermark.image(tmp_path / "absent.png")
    with pytest.raises(ValueError, match=r"cannot be read \(Is a directory"):
        Watermark.image(tmp_path)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"invisible_watermark": ""}, "must be 1 to 8 printable ASCII characters"),
        ({"invisible_watermark": "123456789"}, "must be 1 to 8 printable ASCII characters"),
        ({"invisible_watermark": "a b"}, "without spaces"),
        ({"invisible_watermark": "é"}, "printable ASCII"),
        ({"invisible_watermark": "a", "width": 399}, "399 pixels are too few.*at least 400 wide and high"),
        ({"invisible_watermark": "a", "height": 300}, "300 pixels are too few.*or omit it"),
        ({"invisible_watermark": "a", "animated": True, "type": ImageType.WEBP}, "an animation cannot be marked"),
        ({"watermark": Watermark.text("a"), "animated": True, "type": ImageType.WEBP}, "omit animated"),
    ],
)
def test_a_rendition_that_cannot_be_marked_is_rejected(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=f"Rendition 'a': .*{message}"):
        Rendition(name="a", **{"width": 640, **arguments})


def test_renditions_with_equal_marks_are_equal(logo: Path) -> None:
    one, other = (Rendition(name="a", width=400, watermark=Watermark.image(logo)) for _ in range(2))
    assert len({one, other}) == 1


def making(built: Any) -> Any:
    """The function that makes renditions."""
    (made,) = (
        function
        for function in built.resources("AWS::Lambda::Function").values()
        if "RENDITIONS" in function.get("Environment", {}).get("Variables", {})
    )
    return made


def told(built: Any) -> Any:
    return json.loads(making(built)["Environment"]["Variables"]["RENDITIONS"])


def layers(function: Any) -> list[str]:
    return [layer["Ref"].removeprefix("Workflow")[:15] for layer in function["Layers"]]


@pytest.mark.parametrize("version", [WorkflowVersion.V1, WorkflowVersion.V5])
def test_the_step_gets_the_marks_and_their_files_are_in_a_layer(
    build: Any, version: WorkflowVersion, logo: Path
) -> None:
    mark = Watermark.image(logo, position=WatermarkPosition.TILED, scale=0.1, opacity=0.3, margin=0.1)
    built = build(
        version=version, renditions=[Rendition(name="a", width=640, watermark=mark, invisible_watermark="id")]
    )
    (rendition,) = told(built)
    assert rendition["invisibleWatermark"] == "id"
    assert rendition["watermark"] == {"position": "tiled", "scale": 0.1, "opacity": 0.3, "margin": 0.1} | {
        "image": mark.file_name
    }
    assert "WatermarksLayer" in layers(making(built))
    (asset,) = Path(built.app.outdir).glob(f"asset.*/python/watermarks/{mark.file_name}")
    assert asset.read_bytes() == logo.read_bytes()


def test_a_text_needs_no_layer(build: Any) -> None:
    built = build(renditions=[Rendition(name="a", width=640, watermark=Watermark.text("© Anna"))])
    (rendition,) = told(built)
    assert rendition["watermark"] == {"position": "bottom-right", "scale": 0.25, "opacity": 0.6, "margin": 0.03} | {
        "text": "© Anna",
        "color": "#ffffff",
    }
    assert "WatermarksLayer" not in layers(making(built))


def test_a_font_is_in_the_layer(build: Any, font: Path) -> None:
    mark = Watermark.text("a", font=font)
    built = build(renditions=[Rendition(name="a", width=640, watermark=mark)])
    assert told(built)[0]["watermark"]["font"] == mark.file_name
    assert "WatermarksLayer" in layers(making(built))


def test_only_that_function_gets_the_files(build: Any, logo: Path) -> None:
    built = build(renditions=[Rendition(name="a", width=640, watermark=Watermark.image(logo))])
    having = [
        name for name, made in built.resources("AWS::Lambda::Function").items() if "WatermarksLayer" in layers(made)
    ]
    assert len(having) == 1
