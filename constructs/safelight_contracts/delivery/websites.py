"""Keys of images on a website of S3: ``320x200/photos/cat.jpg`` is a size and the key of a source.

An image has one key: sides have no leading zeros, and a side that the aspect ratio gives is left out, as in
``320x/photos/cat.jpg`` or ``x200/photos/cat.jpg``.
"""

import re

from safelight_contracts.delivery.refusals import Refusal, RequestRefusedError
from safelight_contracts.delivery.request_urls import MAX_KEY, decoded, valid_key
from safelight_contracts.delivery.result_keys import lease_key

Size = tuple[int | None, int | None]
"""Width and height in pixels. ``None`` means what the aspect ratio gives."""

WEBSITE_VARIABLE = "WEBSITE_URL"
"""The environment variable with the URL of the website, without a slash at the end."""

RESIZE_PATH = "resize"
"""The path of the API that the website redirects to."""

KEY_PARAMETER = "key"
"""The parameter of the API, which is the whole rest of the query."""

_SIZED_KEY = re.compile(r"([1-9][0-9]{0,3})?x([1-9][0-9]{0,3})?/(.+)", re.DOTALL)


def size_prefix(size: Size) -> str:
    """Return what the keys of all images of a size begin with."""
    width, height = ("" if side is None else str(side) for side in size)
    return f"{width}x{height}/"


def sized_key(size: Size, key: str) -> str:
    """Return the key of an image on the website."""
    return f"{size_prefix(size)}{key}"


def split_resize_query(query: str) -> tuple[Size, str]:
    """Return the size and the key of the source that a redirect of the website asks for.

    Parameters
    ----------
    query
        The query of the API, still encoded. S3 reads ``+`` as a space, in a path too.

    Raises
    ------
    RequestRefusedError
        `BAD_ENCODING`, `BAD_PATH` or `BAD_PARAMETER`.
    """
    name, _, value = query.partition("=")
    if name != KEY_PARAMETER:
        message = f"Send {KEY_PARAMETER}=320x200/ and the key of an image."
        raise RequestRefusedError(Refusal.BAD_PARAMETER, message, parameter=KEY_PARAMETER)
    text = decoded(value.replace("+", "%20"))
    match = _SIZED_KEY.fullmatch(text)
    if match is None or not (match[1] or match[2]):
        message = "Send a size and the key of an image, such as 320x200/cat.jpg, 320x/cat.jpg or x200/cat.jpg."
        raise RequestRefusedError(Refusal.BAD_PATH, message, parameter=KEY_PARAMETER)
    if len(lease_key(text).encode()) > MAX_KEY:
        raise RequestRefusedError(Refusal.BAD_PATH, "The key is too long.", parameter=KEY_PARAMETER)
    width, height = (int(side) if side else None for side in match.groups()[:2])
    return (width, height), valid_key(match[3], parameter=KEY_PARAMETER)
