"""What a delivery is told by its construct, as one environment variable."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum

from safelight_contracts.delivery.forms import Dialect

SETTINGS_VARIABLE = "DELIVERY"
"""The environment variable."""

URL_HEADER = "x-safelight-url"
"""Header by which the edge function sends the viewer's canonical URL to the function that makes images."""

ACCEPTS_HEADER = "x-safelight-accepts"
"""Header by which it sends the viewer's `AcceptedType`."""

DISTRIBUTION_VARIABLE = "DISTRIBUTION_ID"
"""The environment variable with the id of the distribution, for the function that forgets. Unset without CloudFront."""

MAX_ANSWER = 4_700_000
"""Bytes of a result that a function can answer: base64 of it and headers fit into Lambda's 6 MB."""

UNREAD_RESULTS = "UNREAD_RESULTS"
"""Value of the field ``warning`` of the log line that says that CloudFront asks for results that are stored."""


class Signing(StrEnum):
    """Which requests must be signed."""

    OFF = "off"
    OPTIONAL = "optional"
    """Those that ask for anything but presets and permitted sizes."""
    REQUIRED = "required"


@dataclass(frozen=True, kw_only=True)
class Source:
    """Objects that may be delivered.

    Parameters
    ----------
    bucket
        Name of the bucket.
    prefix
        What keys begin with. Default: every key.
    """

    bucket: str
    prefix: str = ""


@dataclass(frozen=True, kw_only=True)
class RecordsSource:
    """Where a workflow says what it has published. Keys in URLs are then keys of uploads.

    Parameters
    ----------
    table
        Name of the records table.
    workflow
        Id of the workflow.
    rendition
        Name of the rendition that all others are made from.
    key_prefix
        What the keys of the workflow's uploads begin with. Default: nothing.
    """

    table: str
    workflow: str
    rendition: str
    key_prefix: str = ""


@dataclass(frozen=True, kw_only=True)
class DeliverySettings:
    """Settings of the functions of a delivery.

    Parameters
    ----------
    scope
        Name of the delivery in signatures.
    sources
        Where images and overlays may come from. A URL that names no bucket means the first.
    results_bucket
        Where results are stored.
    presets
        Parameters of each preset, as in a query, by name.
    sizes
        Permitted widths and heights. ``None`` means what the aspect ratio gives.
    dialect
        Whose meaning of a URL counts.
    signing
        Which requests must be signed.
    is_open
        Whether every request that costs no more than a resize is permitted.
    keys_secret
        ARN of the secret with the signing keys: a JSON object of texts by ``kid``. ``None`` if signing is off.
    has_edge
        Whether CloudFront stands before the function. If not, the function does what the edge function does.
    fallback_key
        Image of the first source that is sent, with the status of the failure, when there is no image. Default: none.
    records
        What a workflow has published in the bucket of the first source. Default: keys in URLs are keys of objects.
    generation
        What changes when the delivery permits or means something else, or has other sources, so that no result of
        before is found. It contains each name of a source that only the deployment knows. Default: empty.
    forget_queue
        URL of the queue of the function that forgets. A result that turned out to be stale is reported there, because
        CloudFront may have cached it. Default: none, if there is no CloudFront.
    """

    scope: str
    sources: tuple[Source, ...]
    results_bucket: str
    presets: Mapping[str, Mapping[str, str]]
    sizes: tuple[tuple[int | None, int | None], ...]
    dialect: Dialect
    signing: Signing
    is_open: bool
    keys_secret: str | None
    has_edge: bool
    fallback_key: str | None = None
    records: RecordsSource | None = None
    generation: str = ""
    forget_queue: str | None = None

    @property
    def presets_with_type(self) -> frozenset[str]:
        """Names of the presets that name a type."""
        return frozenset(name for name, parameters in self.presets.items() if "format" in parameters)


def settings_to_environment(settings: DeliverySettings) -> dict[str, str]:
    """Write settings as an environment variable."""
    return {SETTINGS_VARIABLE: json.dumps(asdict(settings), separators=(",", ":"))}


def settings_from_environment(environment: Mapping[str, str]) -> DeliverySettings:
    """Read what `settings_to_environment` wrote."""
    given = json.loads(environment[SETTINGS_VARIABLE])
    return DeliverySettings(
        **given
        | {
            "sources": tuple(Source(**source) for source in given["sources"]),
            "sizes": tuple((width, height) for width, height in given["sizes"]),
            "dialect": Dialect(given["dialect"]),
            "signing": Signing(given["signing"]),
            "records": given["records"] and RecordsSource(**given["records"]),
        }
    )
