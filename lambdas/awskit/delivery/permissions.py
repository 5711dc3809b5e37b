"""What a request asks for, if it may: its signature, its source and its operations are checked here."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from awskit.delivery.requests import ImageRequest
from awskit.delivery.signing_keys import keys_of
from deliverykit.permissions import bucket_of, check_permitted, check_source
from deliverykit.plans import plan_of
from safelight_contracts.delivery.accept import AcceptedType
from safelight_contracts.delivery.operations import ImagePlan
from safelight_contracts.delivery.refusals import RequestRefusedError
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
    asked_key
        The result key that the edge function computed. ``None`` without CloudFront.
    """

    url: RequestUrl
    bucket: str
    plan: ImagePlan
    accepted: AcceptedType
    settings: DeliverySettings
    asked_key: str | None

    @property
    def key(self) -> str:
        """The key of the result."""
        return _key_of(self.url, accepted=self.accepted, settings=self.settings)

    @property
    def is_looked_for(self) -> bool:
        """Whether CloudFront looks for the result under its key.

        For some minutes after a deployment, edge functions with the settings of before look under another key.
        """
        return self.asked_key == self.key

    @property
    def is_of_another_edge(self) -> bool:
        """Whether the edge function has other settings, or understood the URL in another way."""
        return self.asked_key not in (None, self.key)

    @property
    def varies(self) -> bool:
        """Whether the type is chosen by what the viewer accepts."""
        return not names_type(self.url, presets_with_type=self.settings.presets_with_type)

    def live(self) -> "Asked":
        """Return the same without a version of the source."""
        return replace(self, url=replace(self.url, version=None))


def is_of_another_edge(request: ImageRequest, *, settings: DeliverySettings) -> bool:
    """Return whether the edge function has other settings, or understood the URL in another way.

    It may have permitted what is refused here.
    """
    if request.asked_key is None:
        return False
    try:
        url = split_url(request.path, request.query)
    except RequestRefusedError:
        return True
    return request.asked_key != _key_of(url, accepted=request.accepted, settings=settings)


def asked_of(request: ImageRequest, *, settings: DeliverySettings, now: float) -> Asked:
    """Return what a request asks for.

    The URL and these settings decide, whatever the edge function has permitted.

    Parameters
    ----------
    now
        Seconds since 1970.

    Raises
    ------
    RequestRefusedError
        If the URL is malformed, its signature is wrong or has expired, or it asks for what is not permitted.
    ServiceBusy, botocore.exceptions.ClientError
        If Secrets Manager fails.
    """
    url = split_url(request.path, request.query)
    keys = _keys(url, settings=settings)
    check_signature(url, scope=settings.scope, signing=settings.signing, keys=keys, now=now)
    source = check_source(url, settings=settings)
    plan = plan_of(url, settings=settings)
    check_permitted(plan, url=url, settings=settings)
    return Asked(
        url=url,
        bucket=source.bucket,
        plan=plan,
        accepted=request.accepted,
        settings=settings,
        asked_key=request.asked_key,
    )


def _key_of(url: RequestUrl, *, accepted: AcceptedType, settings: DeliverySettings) -> str:
    return result_key(
        url,
        bucket=bucket_of(url, settings=settings),
        accepted=accepted,
        presets_with_type=settings.presets_with_type,
        generation=settings.generation,
    )


def _keys(url: RequestUrl, *, settings: DeliverySettings) -> Mapping[str, str]:
    if url.signature is None or url.key_id is None or settings.keys_secret is None:
        return {}
    return keys_of(settings.keys_secret).including(url.key_id)
