"""Turn encoded numbers into linear light with the primaries of sRGB, where 1 is the white of a standard picture.

HDR is mapped to a standard picture as ITU-R BT.2408-7 maps graphics: its reference white, 203 cd/m2, becomes white, and
what is brighter becomes white too.
"""

from collections.abc import Sequence

import pyvips

from imagekit.metadata.color_encoding import BT709, Chromaticity, ColorEncoding, Primaries, TransferFunction

Matrix = Sequence[Sequence[float]]

# ITU-R BT.2408-7, table 1.
_REFERENCE_WHITE = 203.0
# ITU-R BT.2100-3, table 4.
_PQ_PEAK = 10_000.0
_PQ_M1, _PQ_M2 = 1305 / 8192, 2523 / 32
_PQ_C1, _PQ_C2, _PQ_C3 = 107 / 128, 2413 / 128, 2392 / 128
# ITU-R BT.2100-3, table 5, with the system gamma of a display of 1,000 cd/m2.
_HLG_PEAK = 1_000.0
_HLG_A, _HLG_B, _HLG_C = 0.17883277, 0.28466892, 0.55991073
_HLG_GAMMA = 1.2
_HLG_LUMA = (0.2627, 0.6780, 0.0593)
# IEC 61966-2-1.
_SRGB_KNEE, _SRGB_SLOPE, _SRGB_OFFSET, _SRGB_GAMMA = 0.04045, 12.92, 0.055, 2.4

# K. M. Lam's cone responses, which ICC.1:2022 names for adapting colours to another white (annex E).
_BRADFORD: Matrix = ((0.8951, 0.2664, -0.1614), (-0.7502, 1.7135, 0.0367), (0.0389, -0.0685, 1.0296))


def to_linear_light(numbers: pyvips.Image, *, encoding: ColorEncoding) -> pyvips.Image:
    """Return the linear light of encoded numbers.

    `numbers`: from 0 to 1, in one band (grey) or three.

    Result: in floating point, with as many bands. Light outside of what sRGB can show is below 0 or above 1.
    """
    light = _light(numbers, encoding=encoding)
    if numbers.bands == 1 or encoding.primaries == BT709:
        return light
    mixed: pyvips.Image = light.recomb(_between(encoding.primaries, BT709))
    return mixed


def _light(numbers: pyvips.Image, *, encoding: ColorEncoding) -> pyvips.Image:
    match encoding.transfer:
        case TransferFunction.SRGB:
            curve = ((numbers + _SRGB_OFFSET) / (1 + _SRGB_OFFSET)) ** _SRGB_GAMMA
            return (numbers <= _SRGB_KNEE).ifthenelse(numbers / _SRGB_SLOPE, curve)
        case TransferFunction.GAMMA:
            return numbers**encoding.gamma
        case TransferFunction.PQ:
            root = numbers ** (1 / _PQ_M2)
            above = (root - _PQ_C1) * (root > _PQ_C1)
            return (above / (_PQ_C2 - _PQ_C3 * root)) ** (1 / _PQ_M1) * (_PQ_PEAK / _REFERENCE_WHITE)
        case TransferFunction.HLG:
            scene = (numbers <= 0.5).ifthenelse(numbers**2 / 3, (((numbers - _HLG_C) / _HLG_A).exp() + _HLG_B) / 12)
            luma = scene if scene.bands == 1 else scene.recomb(_matrix([_HLG_LUMA]))
            return scene * luma ** (_HLG_GAMMA - 1) * (_HLG_PEAK / _REFERENCE_WHITE)


def _between(source: Primaries, target: Primaries) -> pyvips.Image:
    """Return the matrix from the light of one set of primaries to that of another, adapted to its white."""
    cones = _matrix(_BRADFORD)
    whites = (_column(_BRADFORD, white=one.white) for one in (source, target))
    ratios = [target_cone / source_cone for source_cone, target_cone in zip(*whites, strict=True)]
    scaling = _matrix([[ratios[0], 0, 0], [0, ratios[1], 0], [0, 0, ratios[2]]])
    adapted = cones.matrixinvert().matrixmultiply(scaling).matrixmultiply(cones)
    return _to_xyz(target).matrixinvert().matrixmultiply(adapted).matrixmultiply(_to_xyz(source))


def _column(matrix: Matrix, *, white: Chromaticity) -> list[float]:
    return [sum(one * other for one, other in zip(row, _xyz(white), strict=True)) for row in matrix]


def _to_xyz(primaries: Primaries) -> pyvips.Image:
    rows = list(zip(_xyz(primaries.red), _xyz(primaries.green), _xyz(primaries.blue), strict=True))
    amounts = _matrix(rows).matrixinvert().matrixmultiply(_matrix([[one] for one in _xyz(primaries.white)]))
    red, green, blue = (amounts(0, row)[0] for row in range(3))
    return _matrix([[row[0] * red, row[1] * green, row[2] * blue] for row in rows])


def _xyz(chromaticity: Chromaticity) -> tuple[float, float, float]:
    x, y = chromaticity
    return x / y, 1.0, (1 - x - y) / y


def _matrix(rows: Sequence[Sequence[float]]) -> pyvips.Image:
    matrix: pyvips.Image = pyvips.Image.new_from_array([list(row) for row in rows])
    return matrix
