"""Rewrites the images of HTML pages, and changes nothing else in them."""

import io
import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from pathlib import Path

from safelight_local.errors import UserError
from safelight_local.web_pages.html_tags import Attribute, ImageTag, find_image_tags, parse_srcset
from safelight_local.web_pages.image_urls import ImageUrls, SourceImage, version_of
from safelight_local.web_pages.local_images import LeftAlone, LocalImage, PageFolder
from safelight_local.web_pages.picture_sizes import upright_size
from safelight_local.web_pages.snippets import Candidate, default_sizes, srcset

_PIXELS = re.compile(r"\s*([1-9][0-9]{0,4})\s*(?:px)?\s*")
_WIDTH_DESCRIPTOR = re.compile(r"([1-9][0-9]{0,4})w")
# A page in another encoding keeps its bytes.
_ENCODING = {"encoding": "utf-8", "errors": "surrogateescape"}


@dataclass(frozen=True, kw_only=True)
class Images:
    """Which images take the place of those of pages.

    Parameters
    ----------
    bucket, prefix
        Where the files will be.
    widths, presets
        Of each image. Default: the images of `ImageUrls.by_default`.
    etags
        ETags of objects that are stored, by key. Default: those that files will have.
    """

    urls: ImageUrls
    bucket: str
    prefix: str
    widths: tuple[int, ...] = ()
    presets: tuple[str, ...] = ()
    etags: Mapping[str, str] = field(default_factory=dict)

    def key(self, image: LocalImage) -> str:
        """Return the key that a file gets."""
        return f"{self.prefix}{image.name}"

    def candidates(self, image: LocalImage) -> list[Candidate]:
        """Return what takes the place of a file."""
        if self.presets:
            return self.urls.by_presets(self._source(image), presets=self.presets)
        if self.widths:
            return self.urls.by_widths(self._source(image), widths=self.widths)
        return self.urls.by_default(self._source(image))

    def candidate(self, image: LocalImage, *, width: int) -> Candidate:
        """Return what takes the place of a file in a ``srcset``."""
        return self.urls.by_width(self._source(image), width=width)

    def _source(self, image: LocalImage) -> SourceImage:
        key = self.key(image)
        version = version_of(self.etags.get(key, image.etag))
        return SourceImage(bucket=self.bucket, key=key, size=image.size, version=version)


@dataclass(frozen=True, kw_only=True)
class Narrower:
    """An image that the page shows narrower than before, unless its styles say how wide.

    `before`, `now`: pixels.
    """

    url: str
    before: int
    now: int


@dataclass(frozen=True, kw_only=True)
class Page:
    """What becomes of a page.

    Parameters
    ----------
    images
        The files that its new text needs, each once.
    left
        References to files that stay as they are, each once.
    narrower
        References to files whose new image is narrower, each once.
    """

    path: Path
    before: str
    after: str
    images: tuple[LocalImage, ...]
    left: tuple[LeftAlone, ...]
    narrower: tuple[Narrower, ...]

    def write(self) -> None:
        """Replace the file by the new text, all at once."""
        file = self.path.resolve()
        new = file.with_name(f".{file.name}.new")
        new.write_bytes(self.after.encode(**_ENCODING))
        shutil.copymode(file, new)
        new.replace(file)


@dataclass(frozen=True, kw_only=True)
class _Edit:
    start: int
    end: int
    text: str


def rewrite_page(path: Path, *, root: Path | None, images: Images) -> Page:
    """Rewrite the images of a page, and write nothing.

    Parameters
    ----------
    root
        As for `PageFolder`.

    Raises
    ------
    UserError
        If the page or an image cannot be read, the page is a picture, an image is outside of the root, or the delivery
        does not permit it.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise UserError(f"cannot read {path} ({error.strerror})") from error
    if upright_size(io.BytesIO(content)):
        raise UserError(f"{path} is a picture: name the HTML files that show it")
    text = content.decode(**_ENCODING)
    found = find_image_tags(text)
    rewriter = _Rewriter(PageFolder(page=path, root=root, base=found.base), images)
    edits = [edit for tag in found.tags for edit in rewriter.edits(tag)]
    return Page(
        path=path,
        before=text,
        after=_applied(text, edits),
        images=tuple(rewriter.used.values()),
        left=tuple(rewriter.left.values()),
        narrower=tuple(rewriter.narrower.values()),
    )


class _Rewriter:
    def __init__(self, folder: PageFolder, images: Images) -> None:
        self._folder, self._images = folder, images
        self.used: dict[str, LocalImage] = {}
        self.left: dict[str, LeftAlone] = {}
        self.narrower: dict[str, Narrower] = {}

    def edits(self, tag: ImageTag) -> Iterator[_Edit]:
        attributes = tag.attributes
        if "srcset" in attributes:
            yield from self._srcset(attributes["srcset"])
        if tag.name == "img" and "src" in attributes and (image := self._find(attributes["src"].value)):
            made = self._images.candidates(image)
            yield _replaced(attributes["src"], made[-1].url)
            if "srcset" not in attributes:
                yield from self._sizes(attributes, image=image, made=made)

    def _sizes(
        self, attributes: dict[str, Attribute], *, image: LocalImage, made: Sequence[Candidate]
    ) -> Iterator[_Edit]:
        url, largest = attributes["src"].value, made[-1].size.width
        if len(made) > 1:
            yield _added(attributes, made, width=image.size.width)
        elif largest < image.size.width and not attributes.keys() & {"width", "height"}:
            self.narrower[url] = Narrower(url=url, before=image.size.width, now=largest)

    def _srcset(self, attribute: Attribute) -> Iterator[_Edit]:
        parts, changed = [], False
        for part in parse_srcset(attribute.value):
            if (image := self._find(part.url)) is None:
                parts.append(f"{part.url} {part.descriptor}".rstrip())
                continue
            changed = True
            asked = _WIDTH_DESCRIPTOR.fullmatch(part.descriptor)
            made = self._images.candidate(image, width=int(asked[1]) if asked else image.size.width)
            descriptor = f"{made.size.width}w" if asked else part.descriptor
            parts.append(f"{made.url} {descriptor}".rstrip())
        if changed:
            yield _replaced(attribute, ", ".join(parts))

    def _find(self, url: str) -> LocalImage | None:
        found = self._folder.find(url)
        if isinstance(found, LocalImage):
            self.used[found.name] = found
            return found
        if found is not None:
            self.left[url] = found
        return None


def _replaced(attribute: Attribute, value: str) -> _Edit:
    return _Edit(start=attribute.start, end=attribute.end, text=f'"{escape(value)}"')


def _added(attributes: dict[str, Attribute], candidates: Sequence[Candidate], *, width: int) -> _Edit:
    """Add ``srcset`` and, if it is not there, ``sizes`` after ``src``. The image stays as wide as it was.

    `width`: of the image that was there.
    """
    shown = _PIXELS.fullmatch(attributes["width"].value) if "width" in attributes else None
    sizes = default_sizes(int(shown[1]) if shown else width)
    added = f' srcset="{escape(srcset(candidates))}"'
    if "sizes" not in attributes:
        added += f' sizes="{escape(sizes)}"'
    end = attributes["src"].end
    return _Edit(start=end, end=end, text=added)


def _applied(text: str, edits: Sequence[_Edit]) -> str:
    parts, position = [], 0
    for edit in sorted(edits, key=lambda it: it.start):
        parts += [text[position : edit.start], edit.text]
        position = edit.end
    return "".join([*parts, text[position:]])
