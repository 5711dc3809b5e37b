import json
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.local.deliveries import settings

from deliverykit.plans import plan_of
from safelight_contracts.delivery.forms import Dialect, Form
from safelight_contracts.delivery.operations import ImagePlan
from safelight_contracts.delivery.settings import DeliverySettings
from safelight_contracts.delivery.shaping import ResizeFit
from safelight_local.errors import UserError
from safelight_local.web_pages.request_forms import request_text, split_target, target_of

# All that every form can say, but for what has a test of its own.
PARAMETERS = st.fixed_dictionaries(
    {"format": st.sampled_from(["jpeg", "png", "webp", "avif"])},
    optional={
        "width": st.integers(1, 2_000).map(str),
        "height": st.integers(1, 2_000).map(str),
        "fit": st.sampled_from(sorted({*ResizeFit} - {ResizeFit.CONTAIN})),
        "enlarge": st.sampled_from(["true", "false"]),
        "rotate": st.integers(-360, 360).map(str) | st.just("12.5"),
        "flip": st.sampled_from(["true", "false"]),
        "flop": st.sampled_from(["true", "false"]),
        "grayscale": st.sampled_from(["true", "false"]),
        "quality": st.integers(1, 100).map(str),
    },
)
RATIOS = st.sampled_from([None, "1", "1.5", "2"])
KEYS = st.sampled_from(["a.jpg", "park/Grüße 1+1=2%.jpg", "a/b(c)/photo-100x100.jpg", "no-extension"])


def plan(text: str, *, form: Form, delivery: DeliverySettings) -> ImagePlan:
    return plan_of(split_target(target_of(form, text)), settings=delivery)


def written(
    form: Form, parameters: Mapping[str, str], *, delivery: DeliverySettings, key: str = "a.jpg", bucket: str = "photos"
) -> str:
    return request_text(form, bucket=bucket, key=key, parameters=parameters, settings=delivery)


@given(PARAMETERS, RATIOS, st.sampled_from(Dialect), KEYS)
def test_all_forms_ask_for_the_same_image(
    parameters: dict[str, str], ratio: str | None, dialect: Dialect, key: str
) -> None:
    delivery = settings(dialect=dialect)
    if ratio is not None and parameters.keys() & {"width", "height"}:
        parameters["dpr"] = ratio
    plans = [plan(written(form, parameters, delivery=delivery, key=key), form=form, delivery=delivery) for form in Form]
    # A document has an order of its own, which makes no difference to these.
    assert len({(frozenset(map(str, it.operations)), it.output) for it in plans}) == 1


@given(KEYS, st.sampled_from(Form), st.sampled_from(["photos", "scans"]))
def test_a_request_names_its_key_and_any_bucket_but_the_first(key: str, form: Form, bucket: str) -> None:
    text = written(form, {"width": "100"}, delivery=settings(), key=key, bucket=bucket)
    url = split_target(target_of(form, text))
    assert (url.form, url.key, url.bucket) == (form, key, None if bucket == "photos" else bucket)


@pytest.mark.parametrize("form", [Form.THUMBOR, Form.JSON])
def test_a_preset_is_written_out_where_a_form_has_none(form: Form) -> None:
    delivery = settings()
    asked = plan(written(form, {"preset": "card"}, delivery=delivery), form=form, delivery=delivery)
    meant = plan(written(Form.QUERY, {"preset": "card"}, delivery=delivery), form=Form.QUERY, delivery=delivery)
    assert asked == meant


@pytest.mark.parametrize("form", [Form.THUMBOR, Form.JSON])
def test_attention_can_be_asked_for_in_every_form(form: Form) -> None:
    delivery = settings()
    parameters = {"width": "100", "height": "50", "fit": "cover", "focus": "attention"}
    asked = plan(written(form, parameters, delivery=delivery), form=form, delivery=delivery)
    assert asked == plan(written(Form.QUERY, parameters, delivery=delivery), form=Form.QUERY, delivery=delivery)


@pytest.mark.parametrize("form", Form)
def test_an_image_can_be_padded_in_every_form_of_the_handler_s_dialect(form: Form) -> None:
    delivery = settings()
    parameters = {"width": "100", "height": "50", "fit": "contain"}
    asked = plan(written(form, parameters, delivery=delivery), form=form, delivery=delivery)
    assert asked == plan(written(Form.QUERY, parameters, delivery=delivery), form=Form.QUERY, delivery=delivery)


@pytest.mark.parametrize(
    ("form", "parameters", "message"),
    [
        (Form.THUMBOR, {"width": "100", "focus": "faces"}, "a thumbor path cannot say focus=faces: use a query"),
        (Form.JSON, {"width": "100", "focus": "0.5,0.1"}, "a JSON document cannot say focus=0.5,0.1: use a query"),
        (Form.JSON, {"quality": "50"}, "choose a format, or use a query"),
        (Form.THUMBOR, {"preset": "none"}, "there is no preset 'none': the delivery has card"),
    ],
)
def test_what_a_form_cannot_say_is_reported(form: Form, parameters: dict[str, str], message: str) -> None:
    with pytest.raises(UserError, match=message):
        written(form, parameters, delivery=settings())


def test_thumbor_s_dialect_cannot_pad() -> None:
    parameters = {"width": "100", "height": "50", "fit": "contain"}
    with pytest.raises(UserError, match="cannot say fit=contain"):
        written(Form.THUMBOR, parameters, delivery=settings(dialect=Dialect.THUMBOR))


@pytest.mark.parametrize("key", ["100x100/a.jpg", "fit-in/a.jpg", "unsafe/a.jpg"])
def test_a_key_that_looks_like_another_form_is_asked_for_by_a_document(key: str) -> None:
    delivery = settings()
    with pytest.raises(UserError, match="ask for it by a JSON document"):
        written(Form.QUERY, {"width": "100"}, delivery=delivery, key=key)
    text = written(Form.JSON, {"width": "100"}, delivery=delivery, key=key)
    assert split_target(target_of(Form.JSON, text)).key == key


def test_a_document_is_readable() -> None:
    text = written(Form.JSON, {"rotate": "90"}, delivery=settings())
    assert json.loads(text) == {"key": "a.jpg", "edits": {"rotate": 90}}
    assert text.startswith('{\n  "key"')


def test_a_text_that_is_no_request_is_reported() -> None:
    with pytest.raises(UserError, match="begin the request with a slash"):
        target_of(Form.QUERY, "https://evil.example/a.jpg")
    with pytest.raises(UserError, match="this is not JSON"):
        target_of(Form.JSON, "{")
