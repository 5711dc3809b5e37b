"""The commands and the function that makes images agree on what is permitted, and on how large it is."""

import dataclasses

from hypothesis import given
from hypothesis import strategies as st
from tests.local.deliveries import FIRST_KEY, URL, settings

from deliverykit.permissions import check_permitted, check_source
from deliverykit.plans import plan_of
from imagekit.geometry import Size as PictureSize
from imagekit.operations.geometry import frame
from safelight_contracts.delivery.operations import ImagePlan
from safelight_contracts.delivery.presets import Preset
from safelight_contracts.delivery.request_urls import RequestUrl, split_url
from safelight_contracts.delivery.settings import DeliverySettings, Signing
from safelight_contracts.delivery.shaping import MIDDLE, Resize, ResizeFit
from safelight_contracts.delivery.signatures import check_signature
from safelight_local.errors import UserError
from safelight_local.web_pages.image_urls import ImageUrls, SourceImage
from safelight_local.web_pages.result_sizes import Size, result_size
from safelight_local.web_pages.signed_urls import Signer

SIDES = st.integers(1, 8_192)
DELIVERIES = st.builds(
    settings,
    signing=st.sampled_from(Signing),
    is_open=st.booleans(),
    sizes=st.lists(st.tuples(st.sampled_from([320, 640]), st.sampled_from([None, 200]))).map(tuple),
)
PRESETS = st.builds(
    Preset,
    width=st.none() | SIDES,
    height=st.none() | SIDES,
    fit=st.sampled_from(ResizeFit),
    enlarge=st.booleans(),
)


def split(url: str) -> RequestUrl:
    path, _, query = url.removeprefix(URL).partition("?")
    return split_url(path, query)


def plan(preset: Preset) -> ImagePlan:
    return plan_of(split_url("/a.jpg", "preset=p"), settings=settings(presets={"p": preset.parameters}))


@given(DELIVERIES, st.sampled_from([100, 320, 640]), st.sampled_from([None, "abc"]))
def test_every_url_of_a_command_is_answered(delivery: DeliverySettings, width: int, version: str | None) -> None:
    signer = Signer(scope=delivery.scope, key_id="1", secret=FIRST_KEY)
    urls = ImageUrls(base=URL, settings=delivery, signer=signer)
    source = SourceImage(bucket="photos", key="a.jpg", size=Size(width=1000, height=500), version=version)
    try:
        made = urls.by_widths(source, widths=[width])
    except UserError:
        assert delivery.signing is Signing.OFF
        return
    for candidate in [*made, urls.by_preset(source, preset="card")]:
        url = split(candidate.url)
        check_signature(url, scope=delivery.scope, signing=delivery.signing, keys={"1": FIRST_KEY}, now=0)
        check_source(url, settings=delivery)
        check_permitted(plan_of(url, settings=delivery), url=url, settings=delivery)


@given(PRESETS, SIDES, SIDES)
def test_the_size_of_a_result_is_that_of_the_engine_to_a_pixel(preset: Preset, width: int, height: int) -> None:
    computed = result_size(Size(width=width, height=height), parameters=preset.parameters)
    picture = PictureSize(width=width, height=height)
    resizes = [it for it in plan(preset).operations if isinstance(it, Resize)]
    made = frame(resizes[0], picture=picture, keep=MIDDLE).canvas if resizes else picture
    assert abs(made.width - computed.width) <= 1
    assert abs(made.height - computed.height) <= 1


def test_every_field_of_a_preset_that_changes_sides_is_known() -> None:
    assert {it.name for it in dataclasses.fields(Preset)} - {"focus", "type", "quality", "grayscale"} == {
        *("width", "height", "fit", "enlarge")
    }
