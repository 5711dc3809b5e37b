"""Colour: from whatever an image came in to sRGB, so that it looks right without its profile."""

from io import BytesIO

from PIL import Image, ImageCms


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
    return image.convert("RGB")


def on_white(image: Image.Image) -> Image.Image:
    """Lay an image on white where it is transparent, for formats without transparency.

    Parameters
    ----------
    image
        In mode RGB, which is returned as it is, or RGBA.
    """
    if image.mode == "RGB":
        return image
    ground = Image.new("RGB", image.size, "white")
    ground.paste(image, mask=image.getchannel("A"))
    return ground
