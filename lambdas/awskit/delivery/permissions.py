"""What a request asks for, if it may: its signature, its source and its operations are checked here."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from awskit.delivery.requests import ImageRequest
from awskit.delivery.signing_keys import keys_of
from deliverykit.permissions import check_permitted, check_source
from deliverykit.plans import plan_of
from safelight_contracts.delivery.accept import AcceptedType
from safelight_contracts.delivery.operations import ImagePlan
from safelight_contracts.delivery.refusals import Refusal, RequestRefusedError
from safelight_contracts.delivery.request_urls import RequestUrl, split_url
from safelight_contracts.delivery.result_keys import names_type, result_key
from safelight_contracts.delivery.settings import DeliverySettings
from safelight_contracts.delivery.signatures import check_signature


@dataclass(frozen=True, kw_only=True)
class Asked:
    """An image that a request may have.

    Parameters
    ----------
    url
        The URL. Its signature is right, if it has one.
    bucket
        The bucket of the source.
    plan
        What is done with the source.
    accepted
        What the viewer accepts.
    settings
        The delivery's.
    """

    url: RequestUrl
    bucket: str
    plan: ImagePlan
    accepted: AcceptedType
    settings: DeliverySettings

    @property
    def key(self) -> str:
        """The key of the result."""
        presets = self.settings.presets_with_type
        return result_key(self.url, bucket=self.bucket, accepted=self.accepted, presets_with_type=presets)

    @property
    def varies(self) -> bool:
        """Whether the type is chosen by what the viewer accepts."""
        return not names_type(self.url, presets_with_type=self.settings.presets_with_type)

    def live(self) -> "Asked":
        """Return the same without a version of the source."""
        return replace(self, url=replace(self.url, version=None))


def asked_of(request: ImageRequest, *, settings: DeliverySettings, now: float) -> Asked:
    """Return what a request asks for.

    Parameters
    ----------
    now
        Seconds since 1970.

    Raises
    ------
    RequestRefusedError
        If the URL is malformed, its signature is wrong or has expired, it asks for what is not permitted, or the edge
        function understood it in another way.
    ServiceBusy, botocore.exceptions.ClientError
        If Secrets Manager fails.
    """
    url = split_url(request.path, request.query)
    keys = _keys(url, settings=settings)
    check_signature(url, scope=settings.scope, signing=settings.signing, keys=keys, now=now)
    source = check_source(url, settings=settings)
    plan = plan_of(url, settings=settings)
    check_permitted(plan, url=url, settings=settings)
    asked = Asked(url=url, bucket=source.bucket, plan=plan, accepted=request.accepted, settings=settings)
    if request.asked_key not in (None, asked.key):
        raise RequestRefusedError(Refusal.NOT_PERMITTED, "The path and the URL of the request do not agree.")
    return asked


def _keys(url: RequestUrl, *, settings: DeliverySettings) -> Mapping[str, str]:
    if url.signature is None or url.key_id is None or settings.keys_secret is None:
        return {}
    return keys_of(settings.keys_secret).including(url.key_id)
