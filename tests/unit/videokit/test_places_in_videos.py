"""A box covers its place in every frame of the written video, at each edge."""

from pathlib import Path

import numpy as np
import pytest
from tests.unit.videokit.pictures import lumas
from tests.unit.videokit.redacting import planned, redacted
from tests.unit.videokit.videos import write_video

from imagekit.geometry import Box

# 4:2:0 has even sizes only. 4:4:4 has odd ones.
WIDTH, HEIGHT = 161, 97
EDGES = {
    "left": (Box(left=-0.2, top=0.3, right=0.2, bottom=0.7), np.s_[30:67, :32]),
    "top": (Box(left=0.3, top=-0.2, right=0.7, bottom=0.2), np.s_[:19, 49:112]),
    "right": (Box(left=0.8, top=0.3, right=1.2, bottom=0.7), np.s_[30:67, 129:]),
    "bottom": (Box(left=0.3, top=0.8, right=0.7, bottom=1.2), np.s_[78:, 49:112]),
    "last column alone": (Box(left=1 - 1 / WIDTH, top=0, right=1, bottom=1), np.s_[:, -1:]),
    "last row alone": (Box(left=0, top=1 - 1 / HEIGHT, right=1, bottom=1), np.s_[-1:, :]),
}


@pytest.mark.parametrize("edge", EDGES)
def test_a_box_at_an_edge_is_flat_to_the_last_pixel(tmp_path: Path, edge: str) -> None:
    box, place = EDGES[edge]
    source = write_video(
        tmp_path / "source.mp4", frames=3, width=WIDTH, height=HEIGHT, pixel_format="yuv444p", sound=None
    )
    made = redacted(source, tmp_path / "made", covers={it.pts: [box] for it in planned(source, seconds=1)[1].frames})
    found = lumas(made)
    assert [it.shape for it in found] == [(HEIGHT, WIDTH)] * 3
    # What the encoder adds to a flat colour beside a moving pattern.
    assert max(np.ptp(it[place].astype(int)) for it in found) <= 24
    assert min(np.ptp(it[place].astype(int)) for it in lumas(source)) > 60
