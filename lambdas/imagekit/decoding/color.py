"""Colour: from whatever an image came in to sRGB, so that it looks right without its profile."""

from io import BytesIO

from PIL import Image, ImageCms

VISIBLE_ALPHA = 8
"""The least alpha, of 255, that is kept: below it, black and white differ by 3 % at most on any background."""


def to_srgb(image: Image.Image, *, profile: bytes | None) -> Image.Image:
    """Convert an image to sRGB by its colour profile.

    A profile that is broken, or made for another colour model than the image's, is as good as none.

    Parameters
    ----------
    image
        In mode L, RGB, RGBA or CMYK.
    profile
        The ICC profile; None takes the image for sRGB (CMYK: for plain inks).

    Returns
    -------
    Image.Image
        In mode RGB, or RGBA when the image has an alpha channel.
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
    """Return a picture in sRGB in mode RGB, or RGBA as it is.

    Parameters
    ----------
    image
        In mode L, RGB or RGBA, in sRGB.
    """
    return image.convert("RGB") if image.mode == "L" else image


def on_white(image: Image.Image) -> Image.Image:
    """Lay an image on white where it is transparent, for formats without transparency.

    Parameters
    ----------
    image
        In mode RGB, which is returned as it is, or RGBA.
    """
    return flatten(image, color="white")


def flatten(image: Image.Image, *, color: str) -> Image.Image:
    """Lay an image on a colour where it is transparent.

    Parameters
    ----------
    image
        In mode RGB, which is returned as it is, or RGBA.
    color
        As Pillow names colours; opaque.
    """
    if image.mode == "RGB":
        return image
    ground = Image.new("RGB", image.size, color)
    ground.paste(image, mask=image.getchannel("A"))
    return ground


def is_transparent(image: Image.Image) -> bool:
    """Tell whether anything of an image is transparent, even a little.

    Parameters
    ----------
    image
        In mode L, RGB, RGBA or CMYK.
    """
    return image.mode == "RGBA" and any(image.getchannel("A").histogram()[:-1])


def without_hidden_colors(image: Image.Image) -> Image.Image:
    """Make black and wholly transparent what is as good as invisible: alpha below `VISIBLE_ALPHA`.

    A file would tell colours there that nobody is meant to see, and a viewer that drops alpha shows them.

    Parameters
    ----------
    image
        In mode L, RGB or RGBA, of which only the last is changed. It is left as it is.
    """
    if image.mode != "RGBA" or not any(image.getchannel("A").histogram()[:VISIBLE_ALPHA]):
        return image
    shown = image.getchannel("A").point(lambda alpha: 255 if alpha >= VISIBLE_ALPHA else 0)
    bare = Image.new("RGBA", image.size)
    bare.paste(image, mask=shown)
    return bare


def pad(picture: Image.Image, *, width: int, height: int, color: str) -> Image.Image:
    """Lay a picture in the middle of a canvas.

    Parameters
    ----------
    picture
        In mode RGB or RGBA. What is transparent in it stays so.
    width, height
        The canvas, in pixels; no smaller than the picture, which is returned as it is where they are equal.
    color
        The canvas's colour, `#rrggbb` or `#rrggbbaa`.

    Returns
    -------
    Image.Image
        In mode RGBA where picture or colour have an alpha channel, else RGB.
    """
    if picture.size == (width, height):
        return picture
    mode = "RGBA" if picture.mode == "RGBA" or len(color) == len("#rrggbbaa") else "RGB"
    canvas = Image.new(mode, (width, height), color)
    canvas.paste(picture, ((width - picture.width) // 2, (height - picture.height) // 2))
    return canvas
