import struct
from contextlib import nullcontext, suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from tests.unit.pictures import encoded, four_corners, heic

from imagekit.decoding.limits import inspect
from imagekit.formats.inspection import inspect_header
from imagekit.rejection import ImageFault, ImageRejected
from imagekit.source import FIRST_FETCH_BYTES, BytesSource, FetchedSource
from safelight_contracts.limits import Limits

PICTURE = four_corners(40, 24)
SEVERAL = ["GIF", "WEBP", "TIFF", "AVIF", "PNG", "MPO"]
WALKED = ["GIF", "WEBP", "TIFF"]


def of_three(image_type: str) -> bytes:
    return encoded(PICTURE, image_type, save_all=True, append_images=[PICTURE.rotate(90), PICTURE.rotate(180)])


def box(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I4s", 8 + len(content), kind) + content


def item(number: int, kind: bytes, *, hidden: int = 0) -> bytes:
    return box(b"infe", struct.pack(">BBHHH4sB", 2, 0, hidden, number, 0, kind, 0))


def reference(kind: bytes, *, origin: int, targets: list[int]) -> bytes:
    return box(kind, struct.pack(f">HH{len(targets)}H", origin, len(targets), *targets))


def collection(*items: bytes, references: bytes = b"", brands: bytes = b"heicmif1", behind: bytes = b"") -> bytes:
    """Make a HEIF file, as far as its header goes, whose primary item is number 1."""
    properties = box(b"ipco", box(b"ispe", struct.pack(">III", 0, 64, 48)))
    associations = box(b"ipma", struct.pack(">IIHBB", 0, 1, 1, 1, 1))
    meta = b"".join(
        [
            box(b"pitm", struct.pack(">IH", 0, 1)),
            box(b"iinf", struct.pack(">IH", 0, len(items)) + b"".join(items)),
            box(b"iref", bytes(4) + references),
            box(b"iprp", properties + associations),
        ]
    )
    return box(b"ftyp", brands[:4] + bytes(4) + brands[4:]) + box(b"meta", bytes(4) + meta) + behind


def frames_in(data: bytes) -> int | None:
    return inspect(data, limits=Limits()).frames


@pytest.mark.parametrize("image_type", SEVERAL)
def test_the_frames_of_a_file_are_counted(image_type: str) -> None:
    assert frames_in(of_three(image_type)) == 3


@settings(max_examples=20, deadline=None)
@given(image_type=st.sampled_from(SEVERAL), count=st.integers(2, 12), limit=st.integers(1, 13))
def test_any_number_of_frames_is_counted_and_checked_against_the_limit(image_type: str, count: int, limit: int) -> None:
    first, *others = [Image.new("RGB", (32, 24), (20 * number, 255 - 20 * number, 9)) for number in range(count)]
    data = encoded(first, image_type, save_all=True, append_images=others)
    assert frames_in(data) == count
    with nullcontext() if count <= limit else pytest.raises(ImageRejected):
        inspect(data, limits=Limits(max_frames=limit))


@pytest.mark.parametrize("image_type", ["GIF", "WEBP", "TIFF", "AVIF", "PNG", "JPEG", "BMP", "JPEG2000"])
def test_a_still_image_has_one_frame(image_type: str) -> None:
    assert frames_in(encoded(PICTURE, image_type)) == 1


def test_a_still_heic_of_tiles_has_one_frame() -> None:
    assert frames_in(heic("orientation_1")) == 1


@pytest.mark.parametrize("image_type", ["GIF", "WEBP"])
def test_a_file_that_is_cut_off_in_its_first_frame_has_one_frame(image_type: str) -> None:
    data = of_three(image_type)
    counted = set()
    for end in range(len(data) // 4):
        with suppress(ImageRejected):
            counted.add(frames_in(data[:end]))
    assert counted == {1}


@pytest.mark.parametrize("image_type", SEVERAL)
def test_more_frames_than_the_limit_are_rejected_before_anything_is_decoded(image_type: str) -> None:
    data = of_three(image_type)
    inspect(data, limits=Limits(max_frames=3))
    with pytest.raises(ImageRejected) as rejection:
        inspect(data, limits=Limits(max_frames=2))
    assert rejection.value.reason is ImageFault.IMAGE_TOO_LARGE
    assert rejection.value.detail["maxFrames"] == 2


@pytest.mark.parametrize("image_type", SEVERAL)
def test_a_file_truncated_after_its_first_frame_is_counted_up_to_there(image_type: str) -> None:
    data = of_three(image_type)
    for end in range(len(data) // 3, len(data), 7):
        with suppress(ImageRejected):
            assert frames_in(data[:end]) in (1, 2, 3)


@pytest.mark.parametrize("image_type", WALKED)
def test_frames_of_a_remote_file_are_not_counted_and_cost_no_request(image_type: str) -> None:
    noise = Image.effect_noise((300, 300), 90)
    others = [noise.rotate(90), noise.rotate(180), noise.rotate(270)]
    data = encoded(noise, image_type, save_all=True, append_images=others)
    assert len(data) > 2 * FIRST_FETCH_BYTES
    source = FetchedSource(lambda offset, length: data[offset : offset + length], size=len(data))
    assert inspect_header(source).frames is None
    assert source.fetches <= 2


def test_a_circular_chain_of_pages_ends() -> None:
    data = bytearray(of_three("TIFF"))
    (first,) = struct.unpack_from("<I", data, 4)
    (count,) = struct.unpack_from("<H", data, first)
    struct.pack_into("<I", data, first + 2 + 12 * count, first)
    assert frames_in(bytes(data)) == 1


def test_a_claim_of_a_billion_frames_is_rejected() -> None:
    data = of_three("PNG")
    at = data.index(b"acTL") + 4
    with pytest.raises(ImageRejected) as rejection:
        frames_in(data[:at] + struct.pack(">I", 10**9) + data[at + 4 :])
    assert rejection.value.reason is ImageFault.IMAGE_TOO_LARGE


def test_a_gif_with_endless_blocks_is_unreadable() -> None:
    data = encoded(PICTURE, "GIF")
    with pytest.raises(ImageRejected) as rejection:
        frames_in(data[:-1] + b"\x21\xfe\x00" * 1_000_000)
    assert rejection.value.reason is ImageFault.UNREADABLE_IMAGE


def test_every_picture_of_a_collection_counts() -> None:
    header = inspect_header(BytesSource(collection(*(item(number, b"hvc1") for number in (1, 2, 3)))))
    assert header.frames == 3


def test_only_visible_pictures_of_a_collection_count() -> None:
    tiles = [item(number, b"hvc1") for number in (2, 3, 4, 5)]
    beside = [item(6, b"hvc1"), item(7, b"hvc1"), item(8, b"Exif"), item(9, b"mime"), item(10, b"hvc1", hidden=1)]
    references = b"".join(
        [
            reference(b"dimg", origin=1, targets=[2, 3, 4, 5]),
            reference(b"thmb", origin=6, targets=[1]),
            reference(b"auxl", origin=7, targets=[1]),
        ]
    )
    header = inspect_header(BytesSource(collection(item(1, b"grid"), *tiles, *beside, references=references)))
    assert header.frames == 1


def test_a_primary_picture_that_another_is_derived_from_counts() -> None:
    references = reference(b"dimg", origin=2, targets=[1, 3])
    items = [item(1, b"hvc1"), item(2, b"iovl"), item(3, b"hvc1")]
    assert inspect_header(BytesSource(collection(*items, references=references))).frames == 2


def test_the_hdr_version_of_a_picture_does_not_count() -> None:
    references = reference(b"dimg", origin=2, targets=[1, 3])
    items = [item(1, b"hvc1"), item(2, b"tmap"), item(3, b"hvc1")]
    assert inspect_header(BytesSource(collection(*items, references=references))).frames == 1


@pytest.mark.parametrize("brands", [b"hevcmif1", b"heicmif1msf1"])
@pytest.mark.parametrize("before", [b"", box(b"mdat", bytes(100_000))], ids=["in front", "behind the data"])
def test_the_samples_of_a_heif_sequence_are_counted_in_any_box(brands: bytes, before: bytes) -> None:
    table = box(b"stbl", box(b"stsz", struct.pack(">III", 0, 0, 24)))
    movie = box(b"moov", box(b"trak", box(b"mdia", box(b"minf", table))))
    data = collection(item(1, b"hvc1"), brands=brands, behind=before + movie)
    assert inspect_header(BytesSource(data)).frames == 24
