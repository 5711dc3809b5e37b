from io import BytesIO
from typing import Any

import pytest
from PIL import Image
from tests.unit.imagekit.operations.making import frames_of, make
from tests.unit.pictures import decoded, encoded

import imagekit.rendering.animation
from imagekit.rejection import ImageFault, ImageRejected
from safelight_contracts.delivery.accept import AcceptedType
from safelight_contracts.delivery.colors import WHITE
from safelight_contracts.delivery.effects import BlurUnsafe, Grayscale, Normalize
from safelight_contracts.delivery.operations import Operation
from safelight_contracts.delivery.refusals import RequestRefusedError
from safelight_contracts.delivery.shaping import Crop, Extend, Flip, Focus, Pad, Resize, ResizeFit, Rotate, Trim
from safelight_contracts.image_types import ImageType

COLORS = [(220, 30, 30), (30, 180, 30), (30, 30, 220)]
ANIMATED = ["GIF", "WEBP"]


def animation(image_type: str, **options: Any) -> bytes:
    """Make an animation of three colours, whose left half is white."""
    frames = [Image.new("RGB", (120, 80), color) for color in COLORS]
    for frame in frames:
        frame.paste("white", (0, 0, 60, 80))
    first, *others = frames
    return encoded(first, image_type, save_all=True, append_images=others, duration=[100, 200, 300], loop=0, **options)


@pytest.mark.parametrize("accepted", [AcceptedType.AVIF, AcceptedType.WEBP])
@pytest.mark.parametrize("image_type", ANIMATED)
def test_an_animation_stays_animated_as_webp(image_type: str, accepted: AcceptedType) -> None:
    made = make(animation(image_type), Resize(width=60), accepted=accepted)
    assert (made.type, made.width, made.height) == (ImageType.WEBP, 60, 40)
    frames = frames_of(made.data)
    for frame, color in zip(frames, COLORS, strict=True):
        assert frame.size == (60, 40)
        assert frame.getpixel((50, 20)) == pytest.approx((*color, 255), abs=12)


def test_each_frame_is_shown_as_long() -> None:
    image = Image.open(BytesIO(make(animation("GIF"), accepted=AcceptedType.WEBP).data))
    times = []
    for number in range(3):
        image.seek(number)
        image.load()
        times.append(image.info["duration"])
    assert times == [100, 200, 300]
    assert image.info["loop"] == 0


@pytest.mark.parametrize(
    ("operation", "size"),
    [
        (Crop(left=60, top=0, right=120, bottom=40), (60, 40)),
        (Flip(horizontal=True), (120, 80)),
        (Rotate(degrees=90), (80, 120)),
        (Extend(left=10, background=WHITE), (130, 80)),
        (Resize(width=60, height=60, fit=ResizeFit.CONTAIN), (60, 60)),
        (Resize(width=40, height=80), (40, 80)),
        (Grayscale(), (120, 80)),
    ],
    ids=str,
)
def test_every_frame_has_the_operation(operation: Operation, size: tuple[int, int]) -> None:
    still = make(animation("GIF"), operation, animated=False, type=ImageType.PNG)
    moving = frames_of(make(animation("GIF"), operation, accepted=AcceptedType.WEBP, quality=100).data)
    assert len(moving) == 3
    assert {frame.size for frame in moving} == {size}
    expected = decoded(still.data).convert("RGBA").resize((8, 8), Image.Resampling.BOX)
    shown = moving[0].resize((8, 8), Image.Resampling.BOX)
    assert max(abs(a - b) for a, b in zip(shown.tobytes(), expected.tobytes(), strict=True)) < 16


@pytest.mark.parametrize(
    "operation",
    [Trim(), Normalize(), Resize(width=20, height=20, keep=Focus.ATTENTION), Pad(background=None), BlurUnsafe()],
    ids=lambda operation: type(operation).__name__,
)
def test_an_operation_that_looks_at_pixels_shows_the_first_frame(operation: Operation) -> None:
    assert len(frames_of(make(animation("GIF"), operation, accepted=AcceptedType.WEBP).data)) == 1


@pytest.mark.parametrize(
    ("given", "frames"),
    [
        ({"accepted": AcceptedType.PLAIN}, 1),
        ({"accepted": AcceptedType.WEBP, "animated": False}, 1),
        ({"accepted": AcceptedType.WEBP, "type": ImageType.WEBP}, 1),
        ({"accepted": AcceptedType.WEBP, "type": ImageType.WEBP, "animated": True}, 3),
        ({"accepted": AcceptedType.PLAIN, "animated": True}, 3),
        ({"accepted": AcceptedType.WEBP, "type": ImageType.AVIF, "animated": True}, 1),
    ],
    ids=str,
)
def test_plan_and_viewer_decide_whether_it_stays_animated(given: dict[str, Any], frames: int) -> None:
    assert len(frames_of(make(animation("WEBP"), Resize(width=60), **given).data)) == frames


def test_transparent_frames_stay_transparent() -> None:
    frames = [Image.new("RGBA", (60, 40), (*color, 0)) for color in COLORS]
    for frame, color in zip(frames, COLORS, strict=True):
        frame.paste((*color, 255), (0, 0, 20, 40))
    data = encoded(frames[0], "WEBP", save_all=True, append_images=frames[1:], duration=100, lossless=True)
    for frame in frames_of(make(data, Flip(horizontal=True), accepted=AcceptedType.WEBP).data):
        assert [frame.getpixel((column, 20))[3] for column in (5, 55)] == [0, 255]


def test_frames_that_are_too_large_together_are_rejected_at_the_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imagekit.rendering.animation, "MAX_WRITTEN_PIXELS", 60 * 40 * 3 - 1)
    with pytest.raises(ImageRejected) as rejected:
        make(animation("GIF"), Resize(width=60), accepted=AcceptedType.WEBP)
    assert rejected.value.reason is ImageFault.IMAGE_TOO_LARGE
    assert rejected.value.detail["frames"] == 3


def test_a_frame_that_is_too_large_is_refused() -> None:
    with pytest.raises(RequestRefusedError):
        make(animation("GIF"), Resize(width=9000), accepted=AcceptedType.WEBP)
