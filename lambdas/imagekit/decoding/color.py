"""Convert images to sRGB, so that they look right without their profile, and flatten transparency."""

from io import BytesIO

from PIL import Image, ImageCms

VISIBLE_ALPHA = 8
"""The lowest alpha, of 255, that is kept. Below it, black and white differ by at most 3 % on any background."""


def to_srgb(image: Image.Image, *, profile: bytes | None) -> Image.Image:
    """Convert an image to sRGB by its colour profile.

    A profile that is broken, or for another colour model than the image's, is ignored.

    `image`: in mode L, RGB, RGBA or CMYK.
    `profile`: the ICC profile. If it is None, the image counts as sRGB (CMYK: as plain inks).

    Result: in mode RGB, or RGBA when the image has an alpha channel.
    """
    if image.mode == "RGBA":
        opaque = to_srgb(image.convert("RGB"), profile=profile)
        opaque.putalpha(image.getchannel("A"))
        return opaque
    if profile is not None:
        try:
            converted = ImageCms.profileToProfile(
                image,
                ImageCms.ImageCmsProfile(BytesIO(profile)),
                ImageCms.createProfile("sRGB"),
                renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
                outputMode="RGB",
            )
        except (ImageCms.PyCMSError, OSError):
            converted = None
        if converted is not None:
            return converted
    return image if image.mode == "RGB" else image.convert("RGB")


def in_color(image: Image.Image) -> Image.Image:
    """Convert grey to RGB; RGB and RGBA stay as they are.

    `image`: in mode L, RGB or RGBA, in sRGB.
    """
    return image.convert("RGB") if image.mode == "L" else image


def on_white(image: Image.Image) -> Image.Image:
    """Flatten a transparent image onto white.

    `image`: in mode RGB, which is returned as it is, or RGBA.
    """
    return flatten(image, color="white")


def flatten(image: Image.Image, *, color: str) -> Image.Image:
    """Flatten a transparent image onto a colour.

    `image`: in mode RGB, which is returned as it is, or RGBA.
    `color`: as Pillow names colours; opaque.
    """
    if image.mode == "RGB":
        return image
    ground = Image.new("RGB", image.size, color)
    ground.paste(image, mask=image.getchannel("A"))
    return ground


def is_transparent(image: Image.Image) -> bool:
    """Return whether any pixel is transparent, even slightly.

    `image`: in mode L, RGB, RGBA or CMYK.
    """
    return image.mode == "RGBA" and any(image.getchannel("A").histogram()[:-1])


def without_hidden_colors(image: Image.Image) -> Image.Image:
    """Make pixels black and fully transparent if their alpha is below `VISIBLE_ALPHA`.

    Otherwise the file would contain colours that nobody is meant to see, and viewers that ignore alpha would show them.

    `image`: in mode L, RGB or RGBA; only RGBA can change. The image itself is not modified.
    """
    if image.mode != "RGBA" or not any(image.getchannel("A").histogram()[:VISIBLE_ALPHA]):
        return image
    shown = image.getchannel("A").point(lambda alpha: 255 if alpha >= VISIBLE_ALPHA else 0)
    bare = Image.new("RGBA", image.size)
    bare.paste(image, mask=shown)
    return bare


def pad(picture: Image.Image, *, width: int, height: int, color: str) -> Image.Image:
    """Centre a picture on a canvas.

    `picture`: in mode RGB or RGBA. Transparent pixels stay transparent.
    `width`, `height`: the canvas, in pixels; not smaller than the picture. If they are equal, the picture is returned
    as it is.
    `color`: the canvas's colour, `#rrggbb` or `#rrggbbaa`.

    Result: in mode RGBA if picture or colour have an alpha channel, else RGB.
    """
    if picture.size == (width, height):
        return picture
    mode = "RGBA" if picture.mode == "RGBA" or len(color) == len("#rrggbbaa") else "RGB"
    canvas = Image.new(mode, (width, height), color)
    canvas.paste(picture, ((width - picture.width) // 2, (height - picture.height) // 2))
    return canvas
