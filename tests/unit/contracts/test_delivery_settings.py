from dataclasses import replace

import pytest

from safelight_contracts.delivery.forms import Dialect
from safelight_contracts.delivery.settings import (
    DeliverySettings,
    RecordsSource,
    Signing,
    Source,
    settings_from_environment,
    settings_to_environment,
)

LEAST = DeliverySettings(
    scope="cdn",
    sources=(Source(bucket="photos"),),
    results_bucket="results",
    presets={},
    sizes=(),
    dialect=Dialect.SIH,
    signing=Signing.OFF,
    is_open=True,
    keys_secret=None,
    has_edge=False,
)
MOST = replace(
    LEAST,
    sources=(Source(bucket="photos", prefix="public/"), Source(bucket="marks")),
    presets={"card": {"width": "300"}},
    sizes=((100, None), (None, 50), (1, 2)),
    dialect=Dialect.THUMBOR,
    signing=Signing.REQUIRED,
    keys_secret="arn:aws:secretsmanager:us-east-1:000000000000:secret:keys",
    has_edge=True,
    fallback_key="fallback.png",
    records=RecordsSource(table="records", workflow="images", rendition="master", key_prefix="in/"),
    forget_queue="https://sqs.us-east-1.amazonaws.com/000000000000/forget",
)


@pytest.mark.parametrize("settings", [LEAST, MOST])
def test_settings_of_a_delivery_come_back_from_the_environment_unchanged(settings: DeliverySettings) -> None:
    assert settings_from_environment(settings_to_environment(settings)) == settings


def test_a_preset_that_names_a_type_is_known_by_its_name() -> None:
    presets = {"card": {"width": "300"}, "png": {"format": "png"}}
    assert replace(LEAST, presets=presets).presets_with_type == {"png"}
