"""HTML of an image in several sizes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

from safelight_local.errors import UserError
from safelight_local.web_pages.result_sizes import Size

SAME_RATIO = 0.02
"""Sizes are rounded to pixels, so ratios of the same picture differ by about this much."""


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """An image that a browser may choose."""

    url: str
    size: Size


@dataclass(frozen=True, kw_only=True)
class Art:
    """An image for some viewports.

    Parameters
    ----------
    media
        A media query, such as ``(max-width: 600px)``.
    """

    media: str
    candidate: Candidate


def img(candidates: Sequence[Candidate], *, alt: str, sizes: str | None, shown: Candidate | None = None) -> str:
    """Write an ``<img>`` with ``srcset``.

    ``srcset`` is enough for the type too: the delivery chooses it by the browser's ``Accept``. ``width`` and ``height``
    give the browser the aspect ratio before the image is there, so that the page does not jump.

    Parameters
    ----------
    candidates
        At least one, the smallest first, with one aspect ratio.
    sizes
        How wide the page shows the image. Default: as wide as the viewport, up to the width of `shown`.
    shown
        The image that the page shows if nothing makes it larger or smaller. Default: the largest.

    Raises
    ------
    UserError
        If the aspect ratios differ.
    """
    usual = shown or candidates[-1]
    return _element("img", _responsive(candidates, sizes=sizes, shown=usual) | _image(usual, alt=alt))


def amp_img(candidates: Sequence[Candidate], *, alt: str, sizes: str | None) -> str:
    """Write an ``<amp-img>``, which AMP loads lazily by itself. Parameters and errors are those of `img`."""
    largest = candidates[-1]
    own = {"width": str(largest.size.width), "height": str(largest.size.height), "alt": alt, "layout": "responsive"}
    return f"{_element('amp-img', _responsive(candidates, sizes=sizes, shown=largest) | own)}</amp-img>"


def picture(arts: Sequence[Art], *, default: Candidate, alt: str) -> str:
    """Write a ``<picture>`` for art direction: another crop for some viewports.

    Parameters
    ----------
    arts
        The first whose media query fits counts.
    default
        For all other viewports.
    """
    lines = [
        _element(
            "source",
            {
                "media": art.media,
                "srcset": art.candidate.url,
                "width": str(art.candidate.size.width),
                "height": str(art.candidate.size.height),
            },
        )
        for art in arts
    ]
    lines.append(_element("img", {"src": default.url} | _image(default, alt=alt)))
    indented = "\n".join(f"  {line}" for text in lines for line in text.split("\n"))
    return f"<picture>\n{indented}\n</picture>"


def srcset(candidates: Sequence[Candidate]) -> str:
    """Write the value of ``srcset``."""
    return ", ".join(f"{it.url} {it.size.width}w" for it in candidates)


def default_sizes(width: int) -> str:
    """Write the value of ``sizes`` for an image that is as wide as the viewport, up to so many pixels."""
    return f"(max-width: {width}px) 100vw, {width}px"


def _responsive(candidates: Sequence[Candidate], *, sizes: str | None, shown: Candidate) -> dict[str, str]:
    if len(candidates) == 1:
        return {"src": shown.url}
    ratios = [it.size.width / it.size.height for it in candidates]
    if max(ratios) > min(ratios) * (1 + SAME_RATIO):
        raise UserError(
            "the images have different aspect ratios: use --picture, and say by media queries which is for what"
        )
    return {
        "src": shown.url,
        "srcset": srcset(candidates),
        "sizes": sizes or default_sizes(shown.size.width),
    }


def _image(candidate: Candidate, *, alt: str) -> dict[str, str]:
    return {
        "width": str(candidate.size.width),
        "height": str(candidate.size.height),
        "alt": alt,
        "loading": "lazy",
        "decoding": "async",
    }


def _element(name: str, attributes: Mapping[str, str]) -> str:
    """Write a tag, with each attribute in a line of its own."""
    return f"<{name}\n" + "\n".join(f'  {it}="{escape(value)}"' for it, value in attributes.items()) + ">"
