"""Whatever a request may ask for, the engine makes."""

from typing import Any

import pytest
from tests.unit.deliverykit.asked import edits_plan, filters_plan, path_plan, query_plan
from tests.unit.deliverykit.test_json_form import MEANINGS
from tests.unit.deliverykit.test_query_form import CASES
from tests.unit.deliverykit.test_thumbor_filters import ACCEPTED
from tests.unit.imagekit.operations.making import file_of, noise, read
from tests.unit.pictures import photograph

from imagekit.operations.make import make_image
from safelight_contracts.delivery.accept import AcceptedType
from safelight_contracts.delivery.forms import Dialect
from safelight_contracts.delivery.operations import ImagePlan
from safelight_contracts.delivery.overlays import Overlay

PICTURE = file_of(noise(60, 40, channels=4))
MARK = file_of(noise(6, 4))


def make(plan: ImagePlan) -> None:
    overlays = {one: read(MARK) for one in plan.operations if isinstance(one, Overlay)}
    assert make_image(read(PICTURE), plan=plan, accepted=AcceptedType.PLAIN, overlays=overlays, is_unsafe=True).data


@pytest.mark.parametrize("query", [query for accepted, _ in CASES.values() for query in accepted])
def test_a_query_is_made(query: str) -> None:
    make(query_plan(query))


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, value, _ in MEANINGS])
def test_an_edit_is_made(name: str, value: Any) -> None:
    make(edits_plan(**{name: value}))


@pytest.mark.parametrize("dialect", Dialect)
@pytest.mark.parametrize("call", ACCEPTED)
def test_a_filter_is_made(call: str, dialect: Dialect) -> None:
    make(filters_plan(call, dialect=dialect))


def test_a_round_crop_leaves_the_box_of_the_ellipse() -> None:
    picture = read(file_of(noise(60, 40)))
    made = make_image(picture, plan=edits_plan(roundCrop=True), accepted=AcceptedType.PLAIN)
    assert (made.width, made.height) == (40, 40)


@pytest.mark.parametrize(
    "plan",
    [query_plan("width=20"), edits_plan(resize={"width": 20}), path_plan("20x0"), path_plan("fit-in/20x90")],
    ids=["query", "json", "thumbor", "thumbor, fit-in"],
)
@pytest.mark.parametrize("image_type", ["JPEG", "PNG", "WEBP", "AVIF"])
def test_a_turned_picture_is_upright_in_every_form(image_type: str, plan: ImagePlan) -> None:
    upright = photograph(width=40, height=60, orientation=6, image_type=image_type)
    made = make_image(read(upright), plan=plan, accepted=AcceptedType.PLAIN)
    assert (made.width, made.height) == (20, 30)
