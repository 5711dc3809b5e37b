"""``safelight html-files``: put the images of HTML files behind an image delivery."""

import difflib
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import click

from safelight_local.aws.clients import Clients
from safelight_local.aws.deliveries import Delivery
from safelight_local.aws.published import are_uploads
from safelight_local.aws.source_objects import etag_of, upload_source
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
from safelight_local.terminal import make_console, shown, warn
from safelight_local.visible_text import visible
from safelight_local.web_pages.deployed_urls import image_urls
from safelight_local.web_pages.local_images import LocalImage
from safelight_local.web_pages.pages import Images, Page, rewrite_page

_FILE = click.Path(path_type=Path)


@click.command(
    short_help="Put the images of HTML files behind an image delivery.",
    epilog=examples("""\
  safelight html-files index.html --bucket photos --prefix web/
  safelight html-files index.html about/index.html --root . --write
"""),
)
@click.argument("files", metavar="FILE...", nargs=-1, required=True, type=_FILE)
@click.option("--bucket", metavar="B", help="Where the images go (default: the delivery's first source).")
@click.option("--prefix", metavar="P", default="", help="What their keys begin with, such as web/ (default: empty).")
@click.option("--preset", "presets", metavar="NAME", multiple=True, help="A preset for each image. Can be repeated.")
@click.option(
    "--widths",
    metavar="W,W,...",
    callback=parsed_widths,
    help="Widths in pixels (default: those that need no signature, else presets, else 320,640,1280).",
)
@click.option("--root", metavar="DIR", type=_FILE, help="The folder of the site (default: the folder of each FILE).")
@click.option("--write", is_flag=True, help="Upload the images and change the files (default: show what would change).")
@local_option
@delivery_options
def command(
    *,
    choice: DeliveryChoice,
    files: tuple[Path, ...],
    bucket: str | None,
    prefix: str,
    presets: tuple[str, ...],
    widths: tuple[int, ...] | None,
    root: Path | None,
    write: bool,
    is_local: bool,
) -> None:
    """Upload the local images of HTML files, and rewrite their tags to URLs of an image delivery.

    Images of <img> and of <picture> are rewritten: src, srcset and sizes. Everything else in a file stays as it is,
    byte for byte. Images of other sites and data: URLs are left alone. Missing files and files that are no pictures
    are listed. Without --write, nothing is changed.
    """
    if presets and widths:
        raise UserError("--preset and --widths exclude one another")
    if prefix and not prefix.endswith("/"):
        warn(f"the keys begin with {prefix} and the names of the files: for a folder, use --prefix {prefix}/")
    with choice.found() as (clients, delivery):
        target = _target(delivery, bucket=bucket)
        urls = image_urls(clients, delivery, base=written_base(delivery, is_local=is_local))
        images = Images(
            urls=urls,
            bucket=target,
            prefix=prefix,
            widths=widths or (),
            presets=presets,
        )
        pages = [rewrite_page(file, root=root, images=images) for file in files]
        needed = {images.key(image): image for page in pages for image in page.images}
        stored = _stored(clients, needed, bucket=images.bucket)
        missing = {key: image for key, image in needed.items() if key not in stored}
        if write:
            for key, image in missing.items():
                stored[key] = upload_source(clients, bucket=images.bucket, key=key, file=image.path)
        images = replace(images, etags=stored)
        pages = [rewrite_page(file, root=root, images=images) for file in files]
        before, after = "".join(it.before for it in pages), "".join(it.after for it in pages)
        warn_of_signed(clients, delivery, signer=urls.signer, before=before, after=after)
    if write:
        for page in pages:
            if page.after != page.before:
                page.write()
    _report(pages, missing=missing, is_written=write)
    warn_of_url(delivery, base=urls.base)


def _target(delivery: Delivery, *, bucket: str | None) -> str:
    """Return the bucket of the images. Raises UserError if a workflow publishes there: no check would run on them."""
    target = source_bucket(delivery, bucket=bucket)
    if are_uploads(delivery.settings, bucket=target):
        raise UserError(
            f"{delivery.name} shows what a workflow has published in the bucket {target}: upload the images to the "
            "workflow instead, and write their HTML with `safelight html KEY`"
        )
    return target


def _stored(clients: Clients, keys: Iterable[str], *, bucket: str) -> dict[str, str]:
    """Return the ETags of the objects that are in the bucket already, by key."""
    found = {key: etag_of(clients, bucket=bucket, key=key) for key in keys}
    return {key: etag for key, etag in found.items() if etag is not None}


def _report(pages: list[Page], *, missing: dict[str, LocalImage], is_written: bool) -> None:
    console = make_console()
    for page in pages:
        if not is_written:
            click.echo(_diff(page), nl=False)
        for left in page.left:
            console.print(shown(f"{page.path}: left alone: {left.url[:200]} ({left.reason})"), soft_wrap=True)
        for it in page.narrower:
            text = f"{page.path}: {it.url[:200]} was {it.before} pixels wide, and is {it.now}: check the page"
            console.print(shown(text), soft_wrap=True)
    for key, image in missing.items():
        verb = "uploaded" if is_written else "to upload"
        console.print(shown(f"{verb}: {image.path.name} as {key}"), soft_wrap=True)
    changed = sum(page.after != page.before for page in pages)
    if is_written:
        console.print(shown(f"Images uploaded: {len(missing)}. Files changed: {changed}."))
    else:
        console.print(
            shown(f"Images to upload: {len(missing)}. Files to change: {changed}. Nothing was changed: use --write.")
        )


def _diff(page: Page) -> str:
    name = str(page.path)
    lines = difflib.unified_diff(
        page.before.split("\n"), page.after.split("\n"), fromfile=name, tofile=name, lineterm="", n=1
    )
    return "".join(f"{visible(line.expandtabs(4).rstrip(chr(13)))}\n" for line in lines)
