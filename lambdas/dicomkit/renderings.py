"""Pictures of a frame as viewers show it, in which text is looked for."""

from collections.abc import Iterator, Sequence
from math import isfinite
from typing import TypeAlias

import cv2
import numpy as np
import numpy.typing as npt
from pydicom.dataset import Dataset
from pydicom.multival import MultiValue
from pydicom.pixels.processing import apply_color_lut, apply_modality_lut, apply_voi

from dicomkit.layout import Layout
from dicomkit.quarantine import Quarantined, QuarantineReason

# More windows and tables take more time than a function has.
_MAX_WINDOWS = 6
_LOW, _HIGH = 1, 99
_WHITE, _WHITE_16 = 255, 65535
# The widest stroke of a letter, in pixels: 15 of 512, and more in larger pictures.
_STROKE, _STROKES = 15, 35
# Local contrast: in 8 x 8 parts, each grey level is at most this many times as frequent as the mean.
_CONTRAST, _PARTS = 3.0, (8, 8)
# Colours whose channels differ by less, of the brightest, are grey.
_COLOURED = 0.03

_Levels: TypeAlias = npt.NDArray[np.generic]
_Grey: TypeAlias = npt.NDArray[np.uint8]


def renderings(frame: npt.NDArray[np.generic], *, index: int, dataset: Dataset, layout: Layout) -> list[_Grey]:
    """Render a frame in grey, rows x columns, in different ways: text that a viewer shows can be read in one of them.

    `index`: the number of the frame, from 0.

    A frame of one sample is rendered from its lowest to its highest value, with each window and table of values of
    interest (PS3.3, C.11.2) of the file and of the frame, with local contrast, and with nothing but thin bright lines.
    Of a frame in colours, each channel is rendered with local contrast too.

    Raises
    ------
    Quarantined
        `TOO_LARGE` if the file has more windows and tables than there is time for.
    """
    if layout.photometric == "PALETTE COLOR":
        frame = apply_color_lut(frame, dataset)
    pictures = _of_colours(frame) if frame.ndim == 3 else _of_levels(frame, index=index, dataset=dataset)
    return list(pictures)


def _of_colours(frame: _Levels) -> Iterator[_Grey]:
    channels = [np.ascontiguousarray(frame[..., number]) for number in range(frame.shape[2])]
    yield _grey(frame.mean(axis=2))
    spread = frame.max(axis=2).astype(np.float32) - frame.min(axis=2)
    if float(spread.max()) < _COLOURED * float(frame.max()):
        channels = channels[:1]
    for channel in channels:
        yield _with_local_contrast(channel)
    # Blue on black is dark as grey.
    yield _thin(_grey(frame.max(axis=2)))


def _of_levels(frame: _Levels, *, index: int, dataset: Dataset) -> Iterator[_Grey]:
    yield _grey(frame)
    yield from _as_shown(frame, index=index, dataset=dataset)
    yield _with_local_contrast(frame)
    # Few very bright pixels make the others black.
    low, high = np.percentile(frame.astype(np.float32), (_LOW, _HIGH))
    yield _thin(_grey(np.clip(frame, low, high)))


def _as_shown(frame: _Levels, *, index: int, dataset: Dataset) -> Iterator[_Grey]:
    places = [dataset, *_groups(dataset, index=index, name="FrameVOILUTSequence")]
    scales = _groups(dataset, index=index, name="PixelValueTransformationSequence")
    levels = _scaled(frame, by=scales[-1] if scales else dataset)
    windows = {window for place in places for window in _windows(place)}
    tables = [(place, number) for place in places for number in range(len(place.get("VOILUTSequence") or []))]
    if len(windows) + len(tables) > _MAX_WINDOWS:
        raise Quarantined(QuarantineReason.TOO_LARGE)
    for centre, width in sorted(windows):
        yield _grey(np.clip(levels, centre - width / 2, centre + width / 2))
    for place, number in tables:
        yield _grey(apply_voi(np.asarray(levels).astype(np.int64), place, index=number))


def _groups(dataset: Dataset, *, index: int, name: str) -> list[Dataset]:
    # Functional groups (PS3.3, C.7.6.16): those of all frames, and those of this one.
    shared = list(dataset.get("SharedFunctionalGroupsSequence") or [])
    own = list(dataset.get("PerFrameFunctionalGroupsSequence") or [])[index : index + 1]
    return [group for place in (*shared, *own) for group in place.get(name) or []]


def _scaled(frame: _Levels, *, by: Dataset) -> _Levels:
    scaled: _Levels = apply_modality_lut(frame, by)
    return scaled


def _windows(place: Dataset) -> Iterator[tuple[float, float]]:
    for centre, width in zip(_numbers(place, "WindowCenter"), _numbers(place, "WindowWidth"), strict=False):
        if isfinite(centre) and isfinite(width) and width > 0:
            yield centre, width


def _numbers(place: Dataset, name: str) -> Sequence[float]:
    value = place.get(name)
    if value is None or value == "":
        return []
    return [float(one) for one in value] if isinstance(value, MultiValue) else [float(value)]


def _with_local_contrast(levels: _Levels) -> _Grey:
    # The order of the values counts, and not how far they are from each other.
    values, orders = np.unique(levels, return_inverse=True)
    ranks = (orders.reshape(levels.shape) * (_WHITE_16 / max(1, len(values) - 1))).astype(np.uint16)
    local = np.asarray(cv2.createCLAHE(clipLimit=_CONTRAST, tileGridSize=_PARTS).apply(ranks))
    return np.asarray(local // (_WHITE + 2), dtype=np.uint8)


def _thin(picture: _Grey) -> _Grey:
    # Text on a bright organ: it is brighter than what is around it, and thinner than the organ.
    side = max(_STROKE, min(picture.shape) // _STROKES)
    lines = cv2.morphologyEx(picture, cv2.MORPH_TOPHAT, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side)))
    return np.asarray(cv2.convertScaleAbs(lines, alpha=2), dtype=np.uint8)


def _grey(frame: _Levels) -> _Grey:
    levels = frame.astype(np.float32)
    low, high = float(levels.min()), float(levels.max())
    scaled: _Grey = ((levels - low) * (_WHITE / max(high - low, 1e-6))).round().astype(np.uint8)
    return scaled
