"""Make renditions: decode once, make a cascade of pictures, and encode a file of each."""

from collections.abc import Callable, Sequence
from math import inf

from PIL import Image

from imagekit.decoding.color import flatten, pad, without_hidden_colors
from imagekit.decoding.decode import Decoded, decode
from imagekit.formats.header import Header
from imagekit.formats.inspection import is_animation
from imagekit.geometry import Placement, Point, Size, place
from imagekit.rejection import ImageFault, ImageRejected
from imagekit.rendering.animation import render_animation
from imagekit.rendering.cascade import cascade
from imagekit.rendering.encode import encode
from imagekit.rendering.kept_metadata import kept_exif
from imagekit.rendering.quality import encode_to_target
from imagekit.rendering.rendition import RenderedImage
from imagekit.watermarks.invisible import mark_invisibly
from imagekit.watermarks.visible import mark_visibly
from safelight_contracts.development import DEFAULT_DEVELOPMENT, Development
from safelight_contracts.image_types import MAX_SIDES, ImageType
from safelight_contracts.renditions import Fit, Rendition

MAX_STRETCH = 2
"""The maximum factor by which `Fit.FILL` may stretch one side against the other. Checks see an image in its own shape.
They see little in a picture that was squeezed before its upload, but readers would see it in its right shape."""


def _unchanged(decoded: Decoded) -> Decoded:
    return decoded


def render(
    data: bytes,
    *,
    header: Header,
    renditions: Sequence[Rendition],
    development: Development = DEFAULT_DEVELOPMENT,
    change: Callable[[Decoded], Decoded] = _unchanged,
) -> list[RenderedImage]:
    """Make the renditions of an image: upright, in sRGB, without metadata other than what they keep.

    A rendition of an animation shows the first frame, unless it asks for all frames.

    `header`: the result of `imagekit.decoding.limits.inspect`, within its limits.
    `renditions`: the renditions to make. Renditions of one size in several formats are resized once.
    `development`: how to develop camera raw. Default: `DEFAULT_DEVELOPMENT`.
    `change`: changes the decoded image before renditions of one picture are made of it. Animations are not changed, so
    whoever changes something must reject them. Default: it stays as it is.

    Result: in the order of `renditions`. Raises ImageRejected: `UNREADABLE_IMAGE` if the bytes are truncated or
    corrupt. `IMAGE_TOO_LARGE` if an animation that must stay animated has too many pixels in all of its frames, or a
    rendition would stretch the image more than `MAX_STRETCH` times.
    """
    image = Size(width=header.width, height=header.height)
    animated = [rendition for rendition in renditions if rendition.animated and is_animation(header)]
    rendered = {rendition: _animate(data, header=header, image=image, rendition=rendition) for rendition in animated}
    stills = [rendition for rendition in renditions if rendition not in rendered]
    rendered |= _render_stills(
        data, header=header, image=image, renditions=stills, development=development, change=change
    )
    return [rendered[rendition] for rendition in renditions]


def _animate(data: bytes, *, header: Header, image: Size, rendition: Rendition) -> RenderedImage:
    placement = _place(image, rendition=rendition)
    file = render_animation(
        data,
        header=header,
        placement=placement,
        quality=rendition.quality,
        background=rendition.background,
        exif=kept_exif(header, keep=rendition.keep),
    )
    return RenderedImage(rendition=rendition, width=placement.canvas.width, height=placement.canvas.height, data=file)


def _render_stills(
    data: bytes,
    *,
    header: Header,
    image: Size,
    renditions: Sequence[Rendition],
    development: Development,
    change: Callable[[Decoded], Decoded],
) -> dict[Rendition, RenderedImage]:
    if not renditions:
        return {}
    placements = {rendition: _place(image, rendition=rendition) for rendition in renditions}
    pictures = cascade(change(decode(data, header=header, development=development)), placements=placements.values())
    rendered = {}
    for placement, picture in pictures:
        for rendition in (one for one in placements if placements[one] == placement):
            rendered[rendition] = _encode(picture, canvas=placement.canvas, rendition=rendition, header=header)
    return rendered


def _place(image: Size, *, rendition: Rendition) -> Placement:
    placement = place(
        image,
        fit=rendition.fit,
        width=rendition.width,
        height=rendition.height,
        max_side=MAX_SIDES[rendition.type],
        max_scale=inf if rendition.enlarge else 1.0,
        focal_point=Point(x=rendition.focal_point[0], y=rendition.focal_point[1]),
    )
    if rendition.fit is Fit.FILL:
        _check_stretch(image, picture=placement.picture, name=rendition.name)
    return placement


def _check_stretch(image: Size, *, picture: Size, name: str) -> None:
    """Reject an image that would be stretched into a very different shape from the one that checks see."""
    stretch = picture.width * image.height / (picture.height * image.width)
    if max(stretch, 1 / stretch) > MAX_STRETCH:
        detail = {"width": image.width, "height": image.height, "rendition": name, "maxStretch": MAX_STRETCH}
        raise ImageRejected(ImageFault.IMAGE_TOO_LARGE, detail=detail)


def _encode(picture: Image.Image, *, canvas: Size, rendition: Rendition, header: Header) -> RenderedImage:
    picture = pad(picture, width=canvas.width, height=canvas.height, color=rendition.background)
    if rendition.type is ImageType.JPEG:
        # Marks must be drawn on the colours that readers see.
        picture = flatten(picture, color=rendition.background)
    if rendition.watermark is not None:
        picture = mark_visibly(picture, mark=rendition.watermark)
    if rendition.invisible_watermark is not None:
        picture = mark_invisibly(picture, mark=rendition.invisible_watermark)
    # Do this last, because colour conversion, padding and marks write hidden colours too.
    picture = without_hidden_colors(picture)
    exif = kept_exif(header, keep=rendition.keep)
    if rendition.target is None:
        data = encode(
            picture,
            image_type=rendition.type,
            quality=rendition.quality,
            chroma_subsampling=rendition.chroma_subsampling,
            background=rendition.background,
            exif=exif,
        )
    else:
        data = encode_to_target(
            picture,
            image_type=rendition.type,
            target=rendition.target,
            background=rendition.background,
            chroma_subsampling=rendition.chroma_subsampling,
            exif=exif,
        )
    return RenderedImage(rendition=rendition, width=canvas.width, height=canvas.height, data=data)
