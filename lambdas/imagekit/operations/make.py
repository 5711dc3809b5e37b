"""Make the image that is delivered: from a file and a plan to a file."""

from collections.abc import Mapping, Sequence

from imagekit.decoding.libvips import to_pillow
from imagekit.decoding.srgb_conversion import without_hidden_colors
from imagekit.decoding.upright import upright
from imagekit.formats.inspection import is_animation
from imagekit.geometry import Box, Size
from imagekit.operations import geometry, opening
from imagekit.operations.bounds import check_size, check_type_size
from imagekit.operations.delivered import DeliveredImage, EncodedImage
from imagekit.operations.dispatch import perform
from imagekit.operations.output import check_type, effort_of, exif_of, write
from imagekit.operations.plans import is_checked, known_size, operations_of, suits_frames
from imagekit.operations.shaping import framed, what_to_keep
from imagekit.operations.workpiece import Workpiece
from imagekit.rendering.animation import check_written_pixels, decoded_frames
from imagekit.rendering.encode import encode_animation
from safelight_contracts.delivery.accept import AcceptedType
from safelight_contracts.delivery.operations import ImagePlan, Operation
from safelight_contracts.delivery.overlays import Overlay
from safelight_contracts.delivery.shaping import Resize, Scale
from safelight_contracts.image_types import ImageType

_NO_OVERLAYS: Mapping[Overlay, EncodedImage] = {}


def make_image(
    source: EncodedImage,
    *,
    plan: ImagePlan,
    accepted: AcceptedType,
    faces: Sequence[Box] = (),
    is_unsafe: bool = False,
    overlays: Mapping[Overlay, EncodedImage] = _NO_OVERLAYS,
) -> DeliveredImage:
    """Make the image that a request asks for: upright first, in sRGB, and without metadata that the plan does not keep.

    An animation stays animated, as WebP, if the plan and the viewer allow it and every operation suits its frames.
    Otherwise its first frame is shown.

    Parameters
    ----------
    source
        The file, within the limits of its header.
    plan
        The operations in their order, and the file.
    accepted
        What decides the type where the plan names none.
    faces
        In parts of the upright picture. Default: none were found.
    is_unsafe
        Whether a check found content to moderate in the picture without `BlurUnsafe`. Default: ``False``.
    overlays
        The image of each `Overlay` of the plan. Default: none.

    Raises
    ------
    ImageRejected
        ``UNREADABLE_IMAGE`` if the source is truncated or corrupt. ``IMAGE_TOO_LARGE`` if the frames of an animation
        have too many pixels together.
    RequestRefusedError
        ``BAD_PARAMETER`` if the result would be too large, for its type too, or an operation does not suit the picture.
        ``DAMAGED`` if an overlay cannot be decoded.
    """
    if plan.output.type is not None:
        check_type(plan.output.type)
    if is_animation(source.header) and _stays_animated(plan, accepted=accepted):
        return _animated(source, plan=plan)
    size = known_size(plan, picture=Size(width=source.header.width, height=source.header.height))
    if size is not None:
        check_type_size(plan.output.type, size=size)
    operations = operations_of(plan, is_unsafe=is_unsafe)
    given = tuple(face.cut() for face in faces)
    piece, rest = _first_picture(
        source, operations=operations, is_checked_elsewhere=is_checked(plan), faces=given, overlays=overlays
    )
    for operation in rest:
        piece = perform(operation, on=piece)
    check_size(piece.size)
    return write(piece.image, output=plan.output, accepted=accepted, header=source.header)


def _first_picture(
    source: EncodedImage,
    *,
    operations: Sequence[Operation],
    is_checked_elsewhere: bool,
    faces: tuple[Box, ...],
    overlays: Mapping[Overlay, EncodedImage],
) -> tuple[Workpiece, Sequence[Operation]]:
    """Decode the source, and perform the first operation at the same time if that makes the picture smaller."""
    own = Size(width=source.header.width, height=source.header.height)
    first = operations[0] if operations else None
    size = _size_after(first, picture=own)
    if first is None or size.width > own.width or size.height > own.height or size == own:
        image = opening.open_whole(source)
        return Workpiece(image=image, faces=faces, overlays=overlays), operations
    image = opening.open_smaller(source, size=size, is_checked=is_checked_elsewhere)
    piece = Workpiece(image=image, faces=faces, overlays=overlays)
    if isinstance(first, Resize):
        piece = framed(piece, first, picture=own, keep=what_to_keep(piece, first, picture=own))
    return piece, operations[1:]


def _size_after(operation: Operation | None, *, picture: Size) -> Size:
    if isinstance(operation, Resize):
        return geometry.scaled_size(operation, picture=picture)
    return geometry.scaled_by(operation, picture=picture) if isinstance(operation, Scale) else picture


def _stays_animated(plan: ImagePlan, *, accepted: AcceptedType) -> bool:
    output = plan.output
    if output.type not in (None, ImageType.WEBP) or not suits_frames(plan):
        return False
    if output.animated is None:
        return output.type is None and accepted is not AcceptedType.PLAIN
    return output.animated


def _animated(source: EncodedImage, *, plan: ImagePlan) -> DeliveredImage:
    pictures, milliseconds, plays = [], [], 0
    size = Size(width=0, height=0)
    for frame in decoded_frames(source.data, header=source.header):
        pixels = frame.decoded.compute(opening.in_color(frame.decoded.pixels))
        piece = Workpiece(image=upright(pixels, orientation=frame.decoded.orientation))
        for operation in plan.operations:
            piece = perform(operation, on=piece)
        size = piece.size
        check_size(size)
        check_written_pixels(size, header=source.header)
        pictures.append(to_pillow(without_hidden_colors(piece.image)))
        milliseconds.append(frame.milliseconds)
        plays = frame.plays
    data = encode_animation(
        pictures,
        milliseconds=milliseconds,
        plays=plays,
        quality=plan.output.quality,
        effort=effort_of(ImageType.WEBP, output=plan.output),
        exif=exif_of(source.header, output=plan.output),
    )
    return DeliveredImage(data=data, type=ImageType.WEBP, width=size.width, height=size.height)
