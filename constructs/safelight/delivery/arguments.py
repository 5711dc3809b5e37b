"""What a delivery is told about requests: presets, sizes and signing, each valid, and none against another."""

from collections.abc import Mapping, Sequence

from safelight_contracts.delivery.presets import Preset, is_preset_name
from safelight_contracts.delivery.settings import Signing
from safelight_contracts.delivery.shaping import MAX_SIDE
from safelight_contracts.delivery.websites import Size

# Each takes up to 91 bytes of a bucket's policy, which has 20 KB ("Bucket policies" in S3's user guide).
_MAX_WEBSITE_SIZES = 100


def validate_presets(presets: Mapping[str, Preset] | None) -> dict[str, Preset]:
    """Return presets by name, sorted. Raises ValueError if a name cannot be one."""
    given = dict(presets or {})
    for name in given:
        if not is_preset_name(name):
            raise ValueError(
                f"presets has the name {name!r}. Use 1 to 32 lower-case letters, digits, - and _, beginning with a "
                "letter or a digit."
            )
    return dict(sorted(given.items()))


def validate_sizes(sizes: Sequence[int | tuple[int | None, int | None]] | None) -> tuple[Size, ...]:
    """Return permitted widths and heights. A number is a width.

    Raises
    ------
    ValueError
        If a side is out of range, or a size has none.
    """
    given = tuple(sizes or ())
    pairs = [(size, None) if isinstance(size, int) else (size[0], size[1]) for size in given]
    for size, pair in zip(given, pairs, strict=True):
        sides = [side for side in pair if side is not None]
        if not sides or not all(1 <= side <= MAX_SIDE for side in sides):
            raise ValueError(
                f"sizes has {size}. Use a width, such as 320, or a width and a height, such as (320, 200) or "
                f"(None, 200). A side has 1 to {MAX_SIDE} pixels."
            )
    # An order of their own: the same sizes are the same deployment.
    return tuple(sorted(set(pairs), key=lambda pair: (pair[0] or 0, pair[1] or 0)))


def validate_website_sizes(sizes: Sequence[int | tuple[int | None, int | None]]) -> tuple[Size, ...]:
    """Return permitted widths and heights of a website.

    Raises
    ------
    ValueError
        If there are none or too many, a side is out of range, or a size has none.
    """
    given = validate_sizes(sizes)
    if not given:
        raise ValueError("sizes is empty, so every request would be refused. Add sizes, such as [320, (320, 200)].")
    if len(given) > _MAX_WEBSITE_SIZES:
        raise ValueError(
            f"sizes has {len(given)} sizes. The maximum is {_MAX_WEBSITE_SIZES}, because the policy of the bucket "
            "names each of them."
        )
    return given


def validate_permitted(
    *, presets: Mapping[str, Preset], sizes: Sequence[Size], signing: Signing, open_to_all: bool
) -> None:
    """Validate that somebody can ask for something, and that it is clear who.

    Raises
    ------
    ValueError
        If nothing is permitted, or two arguments contradict one another.
    """
    if open_to_all:
        _validate_open(sizes=sizes, signing=signing)
    elif not presets and not sizes and signing is Signing.OFF:
        raise ValueError(
            "Every request would be refused: presets and sizes are empty, and signing is Signing.OFF. Add presets, "
            "such as presets={'card': Preset(width=320)}, or sizes=[320, 640], or use signing=Signing.OPTIONAL. "
            "open_to_all=True lets everybody ask for every image, which can cost you much."
        )
    if sizes and signing is Signing.REQUIRED:
        raise ValueError(
            "sizes is given, and signing is Signing.REQUIRED. A signed request may ask for every size, and others are "
            "refused. Omit sizes, or use Signing.OPTIONAL."
        )


def _validate_open(*, sizes: Sequence[Size], signing: Signing) -> None:
    if sizes:
        raise ValueError("open_to_all permits every size, and sizes is given. Omit one of them.")
    if signing is Signing.REQUIRED:
        raise ValueError(
            "open_to_all lets everybody ask for every image, and signing is Signing.REQUIRED. Omit open_to_all, or use "
            "Signing.OPTIONAL."
        )


def validate_fallback(fallback_key: str | None, *, key_prefix: str) -> None:
    """Raise ValueError if the delivery may not read the fallback image."""
    if fallback_key is None or (fallback_key and fallback_key.startswith(key_prefix)):
        return
    raise ValueError(
        f"fallback_key={fallback_key!r} must be the key of an image under key_prefix={key_prefix!r}, because nothing "
        "else may be read."
    )
