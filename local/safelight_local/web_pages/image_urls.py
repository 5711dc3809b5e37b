"""URLs of images of a delivery, signed where they must be."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from safelight_contracts.delivery.settings import DeliverySettings, Signing
from safelight_local.errors import UserError
from safelight_local.web_pages.request_forms import query_target
from safelight_local.web_pages.result_sizes import Size, result_size
from safelight_local.web_pages.signed_urls import Signer
from safelight_local.web_pages.snippets import SAME_RATIO, Candidate

DEFAULT_WIDTHS = (320, 640, 1280)
"""Widths of images, if the delivery does not permit only some."""


# What the function that makes images takes for a version.
_VERSION_DIGITS = 8


def version_of(etag: str) -> str:
    """Return the version of a source in URLs, by its ETag."""
    return etag[:_VERSION_DIGITS]


@dataclass(frozen=True, kw_only=True)
class SourceImage:
    """An image that a delivery makes others from.

    Parameters
    ----------
    bucket, key
        Where it is.
    size
        Of the upright picture.
    version
        By `version_of`: its URLs are cached for a year. Default: none, and they are cached for 300 s.
    """

    bucket: str
    key: str
    size: Size
    version: str | None = None


@dataclass(frozen=True, kw_only=True)
class ImageUrls:
    """Makes URLs of images.

    Parameters
    ----------
    base
        What URLs begin with, without a slash at the end.
    signer
        Signs URLs that must be signed. ``None`` if the delivery checks no signatures.
    """

    base: str
    settings: DeliverySettings
    signer: Signer | None

    @property
    def widths(self) -> tuple[int, ...]:
        """The permitted widths, or else `DEFAULT_WIDTHS`."""
        return self._permitted_widths or DEFAULT_WIDTHS

    def by_default(self, source: SourceImage) -> list[Candidate]:
        """Return images that need no signature, if there are such: the permitted widths, or else presets.

        Of the presets, those that do not crop, or else the first: images of one aspect ratio.
        """
        if self._permitted_widths or self._takes_any_width:
            return self.by_widths(source, widths=self.widths)
        ratio = source.size.width / source.size.height
        sizes = {name: self.by_preset(source, preset=name).size for name in self.settings.presets}
        whole = [name for name, size in sizes.items() if abs(size.width / size.height / ratio - 1) < SAME_RATIO]
        return self.by_presets(source, presets=whole or list(sizes)[:1])

    def by_width(self, source: SourceImage, *, width: int) -> Candidate:
        """Return the image of a width, or else the next that needs no signature, if there are such."""
        if self._takes_any_width:
            (made,) = self.by_widths(source, widths=[width])
            return made
        candidates = self.by_default(source)
        return next((it for it in candidates if it.size.width >= width), candidates[-1])

    def by_widths(self, source: SourceImage, *, widths: Sequence[int]) -> list[Candidate]:
        """Return an image for each width, the smallest first, up to the first that is as wide as the source."""
        narrower = [width for width in sorted(set(widths)) if width < source.size.width]
        wider = [width for width in widths if width >= source.size.width]
        return [self.candidate(source, {"width": str(width)}) for width in [*narrower, *sorted(wider)[:1]]]

    def by_presets(self, source: SourceImage, *, presets: Sequence[str]) -> list[Candidate]:
        """Return an image for each preset, the smallest first, and of those with the same width one."""
        made = {it.size.width: it for it in (self.by_preset(source, preset=preset) for preset in presets)}
        return [made[width] for width in sorted(made)]

    def by_preset(self, source: SourceImage, *, preset: str) -> Candidate:
        """Return the image of a preset. Raises UserError if there is none of that name."""
        if preset not in self.settings.presets:
            known = ", ".join(self.settings.presets) or "none"
            raise UserError(f"there is no preset {preset!r}: the delivery has {known}")
        return self.candidate(source, {"preset": preset})

    def candidate(self, source: SourceImage, parameters: Mapping[str, str]) -> Candidate:
        """Return the image for parameters of a query.

        Raises
        ------
        UserError
            If the delivery does not deliver the source, or does not permit the request, or no URL of this form can have
            the key.
        """
        sized = self.settings.presets[parameters["preset"]] if "preset" in parameters else parameters
        return Candidate(
            url=self._url(source, parameters=dict(parameters)), size=result_size(source.size, parameters=sized)
        )

    def _url(self, source: SourceImage, *, parameters: dict[str, str]) -> str:
        if not any(it.bucket == source.bucket and source.key.startswith(it.prefix) for it in self.settings.sources):
            raise UserError(f"the delivery has no source for {source.key} in the bucket {source.bucket}")
        versioned = parameters | ({} if source.version is None else {"v": source.version})
        url = query_target(bucket=source.bucket, key=source.key, parameters=versioned, settings=self.settings)
        full = f"{self.base}{url.address}"
        return self._signer().sign(full) if self._must_sign(parameters) else full

    @property
    def _permitted_widths(self) -> tuple[int, ...]:
        return tuple(sorted(width for width, height in self.settings.sizes if width and height is None))

    @property
    def _takes_any_width(self) -> bool:
        """Whether no width is better than another: all need a signature, or none does."""
        settings = self.settings
        return (
            settings.is_open or settings.signing is Signing.REQUIRED or not (self._permitted_widths or settings.presets)
        )

    def _must_sign(self, parameters: Mapping[str, str]) -> bool:
        settings = self.settings
        if settings.signing is Signing.REQUIRED:
            return True
        if settings.is_open or "preset" in parameters or (int(parameters["width"]), None) in settings.sizes:
            return False
        if settings.signing is Signing.OFF:
            raise UserError(f"the delivery does not permit width={parameters['width']}: {self._permitted()}")
        return True

    def _permitted(self) -> str:
        widths, presets = ",".join(map(str, self._permitted_widths)), ", ".join(self.settings.presets)
        ways = [f"--preset ({presets})"] * bool(presets) + [f"--widths {widths}"] * bool(widths)
        return f"use {' or '.join(ways)}" if ways else "it has no presets, and no permitted size is a width alone"

    def _signer(self) -> Signer:
        if self.signer is None:
            raise UserError("the delivery wants signed URLs, and there is no key")
        return self.signer
