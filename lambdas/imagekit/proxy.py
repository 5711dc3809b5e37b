"""The analysis proxy: a picture of bounded size for an image that Rekognition cannot take as it is.

The limits are those of "Guidelines and quotas in Amazon Rekognition" in its developer guide: JPEG and PNG
only, 80 to 10,000 pixels a side, 15 MB as an S3 object, 5 MB as bytes.
"""

from PIL import Image

from imagekit.color import on_white, to_srgb
from imagekit.contact_sheet import check_aspect, contact_sheet, needs_contact_sheet, strip_size
from imagekit.decode import decode, turn_upright
from imagekit.development import AS_SHOT, Development
from imagekit.encode import encode
from imagekit.geometry import Size
from imagekit.header import Header
from imagekit.image_type import ImageType

MAX_PROXY_BYTES = 5_242_880
MAX_PROXY_SIDE = 1920
MIN_SIDE = 80

_QUALITIES = (90, 75, 50)


def analysis_proxy(data: bytes, *, header: Header, development: Development = AS_SHOT) -> bytes:
    """Make the JPEG of an image that Rekognition is to look at: upright, in sRGB, on white.

    An image smaller than Rekognition takes is enlarged until its shorter side has 80 pixels: a check is then made of
    a tiny icon too, and neither skipped nor failed. An image longer than 3:1 is shown by a contact sheet, as nothing
    would be seen in it once its longer side fits. Of an animation, the first frame is shown, which is also the one
    that renditions show.

    Parameters
    ----------
    data
        The whole file.
    header
        What `imagekit.decode.inspect` said of it, its limits kept.
    development
        How camera raw is developed: `AS_SHOT` when left out. What is published must be developed alike.

    Returns
    -------
    bytes
        A JPEG of 80 to 1920 pixels a side and at most 5 MB.

    Raises
    ------
    ImageRejected
        `UNREADABLE_IMAGE` when the bytes are truncated or corrupt, `IMAGE_TOO_LARGE` when the image is longer than
        16:1.
    """
    image = Size(width=header.width, height=header.height)
    check_aspect(image)
    size = _shown_size(image)
    decoded = decode(data, header=header, at_least=size, development=development)
    stored_size = size.transposed() if decoded.orientation >= 5 else size
    small = decoded.pixels.resize((stored_size.width, stored_size.height), Image.Resampling.LANCZOS)
    upright = turn_upright(small, orientation=decoded.orientation)
    picture = on_white(to_srgb(upright, profile=decoded.color_profile))
    if needs_contact_sheet(image):
        picture = contact_sheet(picture)
    files = (encode(picture, image_type=ImageType.JPEG, quality=quality) for quality in _QUALITIES)
    # Noise of 1920 x 1920 takes under 3 MB at the lowest of these qualities.
    return next(file for file in files if len(file) <= MAX_PROXY_BYTES)


def _shown_size(image: Size) -> Size:
    if needs_contact_sheet(image):
        return strip_size(image, min_side=MIN_SIDE, max_side=MAX_PROXY_SIDE)
    longer, shorter = max(image.width, image.height), min(image.width, image.height)
    scale = min(MAX_PROXY_SIDE / longer, max(1.0, MIN_SIDE / shorter))
    return Size(width=round(image.width * scale), height=round(image.height * scale))
