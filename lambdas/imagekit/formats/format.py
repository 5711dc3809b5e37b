"""The descriptor of an image type: everything that reading and decoding it needs."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from imagekit.formats.header import Header
from imagekit.geometry import Size
from imagekit.source import Source

if TYPE_CHECKING:
    # Functions that only read headers have neither.
    import pyvips
    from PIL import Image

RECOGNITION_BYTES = 512
"""How many leading bytes `Format.recognises` gets; all of a shorter file."""


def _nothing_to_prepare() -> None:
    """Prepare nothing: Pillow decodes the type by itself."""


def _never(_: bytes) -> bool:
    return False


def _as_opened(image: "pyvips.Image", _: bytes) -> "pyvips.Image":
    return image


def _by_pillow(_: bytes) -> None:
    return None


def _as_it_is(data: bytes) -> bytes:
    return data


def _unchanged(picture: "Image.Image", _: bytes) -> "Image.Image":
    return picture


@dataclass(frozen=True, kw_only=True)
class Format:
    """An image type's descriptor.

    To add a type, add it to `ImageType` and write `imagekit/formats/<type in lower case>.py` with a `FORMAT`.
    `imagekit.formats.registry` finds it.

    `extension`: of file names, without a dot.
    `recognises`: Tells by a file's first `RECOGNITION_BYTES` bytes whether it is of this type.
    `read_header`: reads the header. Raises `ImageRejected`, and nothing else, whatever the bytes are.
    `decoding_bytes_a_pixel`: the most memory that decoding takes for each pixel beside the file: `bench/memory.py`
    measures it.
    `full_decoding_bytes_a_pixel`: what decoding takes for each pixel at full size, for types that are decoded at a
    smaller size if there is no memory for that. Default: `decoding_bytes_a_pixel`.
    `libvips_loader`: the operation of libvips that decodes the type, such as `jpegload`. None: Pillow decodes it, or
    `imagekit.decoding.development`. Default: None.
    `is_beyond_libvips`: Tells of a whole file whether libvips would not show its colours. Pillow then decodes it, as it
    does if libvips cannot open the file. Default: never.
    `as_shown`: Corrects an image that libvips has opened, with the whole file. Default: the image as it is.
    `pillow_name`: Pillow's name of the type. None: Pillow does not decode it. Default: None.
    `plugins`: Pillow's modules that decode the type. Workers import them when they start.
    `libraries`: Modules that decode the type and that only some functions have. Workers import them when the first file
    of the type comes. Default: none.
    `unpack`: Decodes a whole file that Pillow does not read correctly. None: Pillow decodes it. Default: Pillow.
    `prepare`: called before Pillow decodes a file. Raises `ModuleNotFoundError` if a library is missing. Default:
    nothing.
    `repair`: Returns a whole file without faults that every decoder ignores. Default: the file as it is.
    `checks`: Raise `ImageRejected` if the whole file lacks data for some pixels, for types whose decoder leaves these
    grey, black or transparent without an error; or if decoding it would take far more memory than its header says.
    Default: none.
    `frame_pictures`: Decodes the frames of a whole file one by one, each as browsers show it on a screen of the
    header's size, for types that Pillow shows differently. Default: Pillow decodes them.
    `adjusted`: Corrects a picture that Pillow has decoded where browsers show something else, with the whole file.
    Default: the picture as it is.
    `is_turned_when_loaded`: whether Pillow applies the orientation: the size then is the displayed one from the start.
    Default: False.
    `frames`: Finds the frames or pages of a whole file without decoding any, for types whose header does not always
    count them. Default: none.
    `display_times`: Returns the milliseconds that each frame of a whole file is shown, for types that can be rendered
    as an animation. Default: none.
    """

    extension: str
    content_type: str
    recognises: Callable[[bytes], bool]
    read_header: Callable[[Source], Header]
    decoding_bytes_a_pixel: int
    libvips_loader: str | None = None
    is_beyond_libvips: Callable[[bytes], bool] = _never
    as_shown: Callable[["pyvips.Image", bytes], "pyvips.Image"] = _as_opened
    pillow_name: str | None = None
    full_decoding_bytes_a_pixel: int | None = None
    plugins: Sequence[str] = ()
    libraries: Sequence[str] = ()
    unpack: "Callable[[bytes], Image.Image | None]" = _by_pillow
    prepare: Callable[[], None] = _nothing_to_prepare
    repair: Callable[[bytes], bytes] = _as_it_is
    checks: Sequence[Callable[[bytes], None]] = ()
    frame_pictures: "Callable[[bytes, Size], Iterator[Image.Image]] | None" = None
    adjusted: "Callable[[Image.Image, bytes], Image.Image]" = _unchanged
    is_turned_when_loaded: bool = False
    frames: Callable[[bytes], Iterator[object]] | None = None
    display_times: Callable[[bytes], Iterable[int]] | None = None
