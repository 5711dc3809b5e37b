"""``safelight html``: write the HTML of an image in several sizes."""

import re

import click

from safelight_local.aws.published import find_delivered
from safelight_local.aws.source_objects import SourceObject
from safelight_local.cli._deliveries import (
    DeliveryChoice,
    delivery_options,
    local_option,
    parsed_widths,
    source_bucket,
    warn_of_signed,
    warn_of_url,
    written_base,
)
from safelight_local.cli._help import examples
from safelight_local.errors import UserError
from safelight_local.web_pages.deployed_urls import image_urls
from safelight_local.web_pages.image_urls import ImageUrls, SourceImage, version_of
from safelight_local.web_pages.picture_sizes import upright_size
from safelight_local.web_pages.result_sizes import Size
from safelight_local.web_pages.snippets import Art, Candidate, amp_img, img, picture

_SIZE = re.compile(r"([1-9][0-9]{0,5})x([1-9][0-9]{0,5})")


def _size(_context: click.Context, _option: click.Parameter, text: str | None) -> Size | None:
    if text is None:
        return None
    if not (sides := _SIZE.fullmatch(text)):
        raise click.BadParameter(f"{text!r} is not a size such as 4032x3024")
    return Size(width=int(sides[1]), height=int(sides[2]))


@click.command(
    short_help="Write the HTML of an image in several sizes.",
    epilog=examples("""\
  safelight html park/photo.jpg
  safelight html park/photo.jpg --widths 320,640,1280 --sizes "50vw" --alt "A swing"
  safelight html park/photo.jpg --preset small --preset large --amp
  safelight html park/photo.jpg --picture --preset "tall=(max-width: 600px)" --preset wide
"""),
)
@click.argument("key")
@click.option("--bucket", metavar="B", help="The bucket of KEY (default: the delivery's first source).")
@click.option("--preset", "presets", metavar="NAME", multiple=True, help="A preset of the delivery. Can be repeated.")
@click.option(
    "--widths",
    metavar="W,W,...",
    callback=parsed_widths,
    help="Widths in pixels (default: those that need no signature, else presets, else 320,640,1280).",
)
@click.option(
    "--sizes", metavar="TEXT", help="How wide the page shows it (default: the viewport, at most its own width)."
)
@click.option(
    "--alt", metavar="TEXT", default="", help="What the image shows, for who does not see it (default: empty)."
)
@click.option("--amp", is_flag=True, help="Write an <amp-img>.")
@click.option(
    "--picture", "is_picture", is_flag=True, help="Write a <picture>: each --preset but the last is NAME=MEDIA."
)
@click.option(
    "--pin",
    is_flag=True,
    help="Name the object's version: browsers keep it for a year. Run again after you replace it.",
)
@click.option("--size", metavar="WxH", callback=_size, help="The picture's size (default: as its header says).")
@local_option
@delivery_options
def command(
    *,
    choice: DeliveryChoice,
    key: str,
    bucket: str | None,
    presets: tuple[str, ...],
    widths: tuple[int, ...] | None,
    sizes: str | None,
    alt: str,
    amp: bool,
    is_picture: bool,
    pin: bool,
    size: Size | None,
    is_local: bool,
) -> None:
    """Print an <img> whose srcset has KEY in several sizes, for a page.

    The delivery chooses the type by the browser, so that an <img> is enough. Use --picture to show other crops on
    other screens. URLs are signed if the delivery wants that.
    """
    _check_options(presets=presets, widths=widths, amp=amp, is_picture=is_picture)
    with choice.found() as (clients, delivery):
        urls = image_urls(clients, delivery, base=written_base(delivery, is_local=is_local))
        named = source_bucket(delivery, bucket=bucket)
        if size and not pin:
            source = SourceImage(bucket=named, key=key, size=size)
        else:
            found = find_delivered(clients, settings=delivery.settings, bucket=named, key=key)
            version = version_of(found.etag) if pin else None
            source = SourceImage(bucket=named, key=key, size=size or _size_of(found), version=version)
        if is_picture:
            text = _picture(urls, source, presets=presets, alt=alt)
        else:
            made = _candidates(urls, source, presets=presets, widths=widths)
            text = (amp_img if amp else img)(made, alt=alt, sizes=sizes)
        warn_of_signed(clients, delivery, signer=urls.signer, before="", after=text)
    click.echo(text)
    warn_of_url(delivery, base=urls.base)


def _check_options(*, presets: tuple[str, ...], widths: tuple[int, ...] | None, amp: bool, is_picture: bool) -> None:
    if presets and widths:
        raise UserError("--preset and --widths exclude one another")
    if is_picture and (amp or len(presets) < 2):
        raise UserError(
            "--picture needs two presets or more, and no --amp: it is for other crops on other screens. "
            "Without it, an <img> has all sizes, and the delivery chooses the type"
        )


def _size_of(source: SourceObject) -> Size:
    size = upright_size(source.beginning()) or upright_size(source.whole())
    if size is None:
        raise UserError(f"the size of {source.key} cannot be read: give it with --size, such as 4032x3024")
    return size


def _candidates(
    urls: ImageUrls, source: SourceImage, *, presets: tuple[str, ...], widths: tuple[int, ...] | None
) -> list[Candidate]:
    if presets:
        return urls.by_presets(source, presets=presets)
    return urls.by_widths(source, widths=widths) if widths else urls.by_default(source)


def _picture(urls: ImageUrls, source: SourceImage, *, presets: tuple[str, ...], alt: str) -> str:
    *special, default = presets
    arts = []
    for text in special:
        name, _, media = text.partition("=")
        if not media:
            raise UserError(f"--preset {text} needs a media query, such as '{text}=(max-width: 600px)'")
        arts.append(Art(media=media, candidate=urls.by_preset(source, preset=name)))
    return picture(arts, default=urls.by_preset(source, preset=default), alt=alt)
