"""The settings of the deliveries that are measured."""

from safelight_contracts.delivery.forms import Dialect
from safelight_contracts.delivery.settings import DeliverySettings, Signing, Source

SOURCES = "sources"
"""The bucket of sources."""

RESULTS = "results"
"""The bucket of results."""

OPEN = DeliverySettings(
    scope="bench",
    sources=(Source(bucket=SOURCES),),
    results_bucket=RESULTS,
    presets={},
    sizes=(),
    dialect=Dialect.SIH,
    signing=Signing.OFF,
    is_open=True,
    keys_secret=None,
    has_edge=True,
)
"""Of a delivery that permits every size without a signature."""
