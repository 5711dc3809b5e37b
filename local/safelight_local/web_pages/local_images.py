"""Image files that a page shows, and the keys that they get in a bucket."""

from dataclasses import dataclass
from hashlib import md5, sha256
from pathlib import Path
from urllib.parse import unquote, urlsplit

from safelight_local.errors import UserError
from safelight_local.web_pages.picture_sizes import upright_size
from safelight_local.web_pages.result_sizes import Size

_HASH_CHARACTERS = 8


@dataclass(frozen=True, kw_only=True)
class LocalImage:
    """An image file.

    Parameters
    ----------
    name
        ``{stem}-{hash}{suffix}``: another content is another name.
    etag
        What S3's ETag will be: the MD5, unless the bucket encrypts with a KMS key ("Object" in the S3 API reference).
    """

    path: Path
    name: str
    etag: str
    size: Size


@dataclass(frozen=True, kw_only=True)
class LeftAlone:
    """A reference to a file of the site that stays as it is."""

    url: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class PageFolder:
    """Where the images of a page may be.

    Parameters
    ----------
    page
        The HTML file.
    root
        The folder of the site. Default: the page's own folder, and URLs that begin with a slash are left alone.
    base
        The ``href`` of the page's ``<base>``. With one, relative URLs are left alone.
    """

    page: Path
    root: Path | None
    base: str | None

    def find(self, url: str) -> LocalImage | LeftAlone | None:
        """Find the file of a URL. Returns None if it is no file: an image of another site, or a ``data:`` URL.

        Raises
        ------
        UserError
            If it is outside of the root.
        """
        try:
            parts = urlsplit(url.strip())
            path = unquote(parts.path, errors="strict")
            path.encode()
        except ValueError:
            return LeftAlone(url=url, reason="not a URL in UTF-8")
        if parts.scheme or parts.netloc:
            return None
        return self._find_path(url, path=path)

    def _find_path(self, url: str, *, path: str) -> LocalImage | LeftAlone:
        if self.base is not None:
            return LeftAlone(url=url, reason="the page has <base href>")
        if path.startswith("/") and self.root is None:
            return LeftAlone(url=url, reason="begins with a slash: name the folder of the site with --root")
        allowed = (self.root or self.page.parent).resolve()
        if not path or "\0" in path:
            return LeftAlone(url=url, reason="missing")
        file = (allowed / path.lstrip("/") if path.startswith("/") else self.page.parent / path).resolve()
        if not file.is_relative_to(allowed):
            raise UserError(f"{self.page}: {url} is outside of {allowed}: name a folder that has both with --root")
        return _read(file, url=url)


def _read(file: Path, *, url: str) -> LocalImage | LeftAlone:
    if not file.is_file():
        return LeftAlone(url=url, reason="missing")
    try:
        with file.open("rb") as opened:
            size = upright_size(opened)
        content = file.read_bytes()
    except OSError as error:
        raise UserError(f"cannot read {file} ({error.strerror})") from error
    if size is None:
        return LeftAlone(url=url, reason="not a picture that others can be made from")
    name = f"{file.stem}-{sha256(content).hexdigest()[:_HASH_CHARACTERS]}{file.suffix}"
    return LocalImage(path=file, name=name, etag=md5(content, usedforsecurity=False).hexdigest(), size=size)
