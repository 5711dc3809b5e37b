"""What EXIF data says of who made a picture and who owns it (EXIF 3.0, CIPA DC-008-2023, 4.6.5).

Cameras and editors let their users type these texts. They are untrusted.
"""

from codecs import getincrementaldecoder
from collections.abc import Mapping

from imagekit.metadata.ifd import Ifd
from imagekit.rejection import ImageRejected
from safelight_contracts.renditions import Metadata

CREDIT_TAGS: Mapping[Metadata, int] = {Metadata.ARTIST: 315, Metadata.COPYRIGHT: 33432}
"""The tags of the first IFD."""

MAX_CREDIT_BYTES = 1024
"""The maximum length of a text that is read. The rest of a longer text is dropped."""


def read_credits(image: Ifd | None) -> dict[Metadata, str]:
    """Read the credits in the first IFD.

    Parameters
    ----------
    image
        The first IFD, if there is one.

    Returns
    -------
    dict
        The texts that are not empty. A text is UTF-8, or Windows-1252 if it is not valid UTF-8. Characters that cannot
        be printed are dropped, except the zero between the notices of photographer and editor in a copyright.
    """
    try:
        found = {} if image is None else {credit: _text(image, tag) for credit, tag in CREDIT_TAGS.items()}
    except ImageRejected:
        # The image is remote, and its EXIF data is spread over too much of the file.
        return {}
    return {credit: text for credit, text in found.items() if text.strip(" \0")}


def _text(image: Ifd, tag: int) -> str:
    stored = image.text_bytes(tag, limit=MAX_CREDIT_BYTES)
    parts = [
        "".join(filter(str.isprintable, part))
        for part in _decoded(stored, is_cut=len(stored) == MAX_CREDIT_BYTES).rstrip("\0").split("\0")
    ]
    # Only the copyright has a second part. More are the rest of an older, longer text.
    return "\0".join(parts[: 2 if tag == CREDIT_TAGS[Metadata.COPYRIGHT] else 1])


def _decoded(stored: bytes, *, is_cut: bool) -> str:
    try:
        # The last character of a text that was cut may be incomplete.
        return getincrementaldecoder("utf-8")().decode(stored, final=not is_cut)
    except UnicodeDecodeError:
        return stored.decode("windows-1252", errors="ignore")
