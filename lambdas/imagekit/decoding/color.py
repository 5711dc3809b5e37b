"""Colours of pictures that are in sRGB: flatten transparency, pad, and remove hidden colours."""

from PIL import Image

from imagekit.decoding.srgb_conversion import VISIBLE_ALPHA


def in_color(image: Image.Image) -> Image.Image:
    """Convert grey to RGB, with its alpha; RGB and RGBA stay as they are.

    `image`: in mode L, LA, RGB or RGBA, in sRGB.
    """
    return image if image.mode in ("RGB", "RGBA") else image.convert({"L": "RGB", "LA": "RGBA"}[image.mode])


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


def without_hidden_colors(image: Image.Image) -> Image.Image:
    """Make pixels black and fully transparent if their alpha is below `VISIBLE_ALPHA`.

    Otherwise the file would contain colours that nobody is meant to see, and viewers that ignore alpha would show them.

    `image`: in mode RGB or RGBA; only RGBA can change. The image itself is not modified.
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
