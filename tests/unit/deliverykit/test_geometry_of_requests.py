"""The design's table of geometry, from the URL to the size. `imagekit` holds its pixels."""

import numpy as np
import pytest
from tests.unit.deliverykit.asked import edits_plan, path_plan
from tests.unit.imagekit.operations.making import array_of, file_of, flat, positions, read

from imagekit.geometry import Box
from imagekit.operations.make import make_image
from safelight_contracts.delivery.accept import AcceptedType
from safelight_contracts.delivery.forms import Dialect
from safelight_contracts.delivery.overlays import Overlay


@pytest.mark.parametrize(
    ("dialect", "path", "source", "size"),
    [
        (Dialect.THUMBOR, "400x150", (800, 600), (400, 150)),
        (Dialect.THUMBOR, "fit-in/300x200", (800, 600), (267, 200)),
        (Dialect.THUMBOR, "fit-in/300x200", (400, 600), (133, 200)),
        (Dialect.THUMBOR, "full-fit-in/300x200", (800, 600), (300, 225)),
        (Dialect.THUMBOR, "full-fit-in/300x200", (400, 600), (300, 450)),
        (Dialect.THUMBOR, "300xorig", (800, 600), (300, 600)),
        (Dialect.THUMBOR, "adaptive-fit-in/100x400", (800, 400), (200, 100)),
        (Dialect.THUMBOR, "600x400/filters:no_upscale()", (300, 200), (300, 200)),
        (Dialect.THUMBOR, "fit-in/600x500/filters:upscale()", (300, 200), (600, 400)),
        (Dialect.SIH, "10x0:100x200/10x20", (800, 600), (10, 20)),
        (Dialect.SIH, "fit-in/400x300", (600, 800), (225, 300)),
        (Dialect.SIH, "fit-in/400x300", (200, 100), (400, 200)),
    ],
)
def test_a_path_gives_the_size_of_the_table(
    dialect: Dialect, path: str, source: tuple[int, int], size: tuple[int, int]
) -> None:
    picture = read(file_of(flat(*source, 9, 9, 9)))
    made = make_image(picture, plan=path_plan(path, dialect=dialect), accepted=AcceptedType.PLAIN)
    assert (made.width, made.height) == size


@pytest.mark.parametrize(
    ("dialect", "source"), [(Dialect.SIH, "marks,mark.png"), (Dialect.THUMBOR, "s3:marks/mark.png")]
)
def test_a_watermark_is_where_the_table_says(dialect: Dialect, source: str) -> None:
    plan = path_plan(f"filters:watermark({source},-10,-20p,0,30,30):format(png)", dialect=dialect)
    (overlay,) = (one for one in plan.operations if isinstance(one, Overlay))
    mark, picture = read(file_of(flat(30, 40, 255, 255, 255))), read(file_of(flat(300, 200, 0, 0, 0)))
    made = make_image(picture, plan=plan, accepted=AcceptedType.PLAIN, overlays={overlay: mark})
    rows, columns = np.nonzero(array_of(made.data)[..., 0])
    assert (columns.min(), rows.min(), columns.max() + 1, rows.max() + 1) == (245, 100, 245 + 45, 100 + 60)


def test_a_smart_crop_has_the_area_of_the_table() -> None:
    picture = positions(1000, 800)
    made = make_image(
        read(file_of(picture)),
        plan=edits_plan(smartCrop={"padding": 20}, toFormat="png"),
        accepted=AcceptedType.PLAIN,
        faces=(Box(left=0.4, top=0.2, right=0.6, bottom=0.5),),
    )
    assert np.array_equal(array_of(made.data), picture[140:420, 380:620])
