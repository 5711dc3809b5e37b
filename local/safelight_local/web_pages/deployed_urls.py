"""The URLs of a deployed delivery, signed by its newest key."""

from safelight_local.aws.clients import Clients
from safelight_local.aws.deliveries import Delivery
from safelight_local.aws.signing_keys import choose_key, read_keys
from safelight_local.web_pages.image_urls import ImageUrls
from safelight_local.web_pages.signed_urls import Signer


def image_urls(clients: Clients, delivery: Delivery, *, base: str) -> ImageUrls:
    """Make what makes the URLs of a delivery, with its newest key if it has keys.

    `base`: what they begin with: the delivery's `url`, or its `viewer_url`.
    """
    signer = None
    if delivery.settings.keys_secret is not None:
        key_id, secret = choose_key(read_keys(clients, delivery=delivery), key_id=None)
        signer = Signer(scope=delivery.settings.scope, key_id=key_id, secret=secret)
    return ImageUrls(base=base, settings=delivery.settings, signer=signer)
