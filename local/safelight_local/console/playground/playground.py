"""The requests of the page of deliveries."""

import io
import json
import secrets
import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from safelight_contracts.delivery.accept import AcceptedType
from safelight_contracts.delivery.forms import Form
from safelight_contracts.delivery.refusals import Refusal
from safelight_contracts.delivery.request_urls import RequestUrl
from safelight_contracts.delivery.result_keys import result_key
from safelight_contracts.delivery.settings import DeliverySettings, Signing
from safelight_local.aws.clients import Clients
from safelight_local.aws.deliveries import Delivery, deployed_deliveries
from safelight_local.aws.published import are_uploads, find_delivered
from safelight_local.aws.source_objects import etag_of
from safelight_local.console.missing import NotFoundError
from safelight_local.console.pictures import OpenPicture, open_picture, shown_type
from safelight_local.console.playground.fetching import Fetched, fetch
from safelight_local.console.playground.sources import list_images, original_of, source_of
from safelight_local.errors import UserError
from safelight_local.web_pages.deployed_urls import image_urls
from safelight_local.web_pages.image_urls import DEFAULT_WIDTHS, ImageUrls, SourceImage
from safelight_local.web_pages.picture_sizes import upright_size
from safelight_local.web_pages.request_forms import request_text, split_target, target_of
from safelight_local.web_pages.result_sizes import Size
from safelight_local.web_pages.snippets import Candidate, img

_KEPT = 4
_SNIFFED = 32
_SHOWN_HEADERS = ("x-cache", "age", "cache-control")
# Another answer is possible if the URL is signed.
_UNSIGNED = {Refusal.NOT_PERMITTED.value, Refusal.BAD_SIGNATURE.value}


@dataclass(frozen=True, kw_only=True)
class _Attempt:
    """A fetch. ``was_stored``: whether the bucket had the result before it, None if that cannot be read."""

    target: str
    was_stored: bool | None
    fetched: Fetched

    @property
    def refusal(self) -> Mapping[str, Any]:
        """What the answer says of an error. Empty if nothing."""
        if self.fetched.status == 200 or self.fetched.headers.get("content-type") != "application/json":
            return {}
        try:
            read = json.loads(self.fetched.body)
        except ValueError:
            return {}
        return read if isinstance(read, dict) else {}

    def as_json(self) -> dict[str, Any]:
        headers = {name: self.fetched.headers[name] for name in _SHOWN_HEADERS if name in self.fetched.headers}
        return {"seconds": self.fetched.seconds, "wasStored": self.was_stored, "headers": headers}


class Playground:
    """Answers the page's requests for the deliveries of one emulator or account.

    `stack`: Only the deliveries of this stack. Default: of all stacks.
    """

    def __init__(self, clients: Clients, *, stack: str | None) -> None:
        self._clients, self._stack = clients, stack
        self._deliveries: dict[str, Delivery] = {}
        self._results: OrderedDict[str, bytes] = OrderedDict()
        self._lock = threading.Lock()

    def deliveries(self) -> list[dict[str, Any]]:
        """List the deliveries, with what the page offers for each."""
        self._find()
        return [
            {
                "id": id_,
                "name": f"{it.stack}/{it.name}",
                "url": it.viewer_url,
                "presets": list(it.settings.presets),
                "start": first_parameters(it.settings),
                "sources": [
                    {
                        "bucket": source.bucket,
                        "prefix": source.prefix,
                        "areUploads": are_uploads(it.settings, bucket=source.bucket),
                    }
                    for source in it.settings.sources
                ],
            }
            for id_, it in self._deliveries.items()
        ]

    def images(self, id_: str, *, source: int, after: str) -> dict[str, Any]:
        """List images of a source: `list_images`. Those of a workflow are not listed."""
        delivery = self._delivery(id_)
        found = source_of(delivery.settings, index=source)
        if are_uploads(delivery.settings, bucket=found.bucket):
            return {"images": [], "next": None}
        return list_images(self._of(delivery), source=found, after=after)

    def original(self, id_: str, *, source: int, key: str) -> OpenPicture:
        """Open the source of an image. Nothing outside of a delivery's sources can be read."""
        delivery = self._delivery(id_)
        clients = self._of(delivery)
        return open_picture(clients, picture=original_of(clients, delivery=delivery, index=source, key=key))

    def text(self, id_: str, *, source: int, key: str, form: str, parameters: Mapping[str, str]) -> str:
        """Write a request: `request_text`."""
        settings = self._delivery(id_).settings
        bucket = source_of(settings, index=source).bucket
        return request_text(Form(form), bucket=bucket, key=key, parameters=parameters, settings=settings)

    def ask(self, id_: str, *, form: str, text: str, accept: str) -> dict[str, Any]:
        """Fetch an image twice, signed if the delivery wants that, and describe the answers.

        `text`: what `text` has returned, edited or not, or a whole URL of the delivery.

        Returns ``picture``, the name for `result`, or None if the answer is no image that browsers show. The key that
        signs is not part of it.
        """
        delivery = self._delivery(id_)
        clients, accepted = self._of(delivery), AcceptedType(accept)
        url = split_target(_target(delivery, form=Form(form), text=text))
        urls = image_urls(clients, delivery, base=delivery.viewer_url)
        first, is_signed = self._first(delivery, urls=urls, url=url, accepted=accepted)
        attempts = [first]
        if first.fetched.status == 200:
            attempts.append(self._attempt(delivery, target=first.target, accepted=accepted))
        fetched = first.fetched
        picture = self._keep(fetched.body) if shown_type(fetched.body[:_SNIFFED]) else None
        size = upright_size(io.BytesIO(fetched.body)) if picture else None
        full = f"{delivery.viewer_url}{first.target}"
        return {
            "key": url.key,
            "status": fetched.status,
            "error": None if fetched.status == 200 else _sentence(first, is_signed=is_signed),
            "bytes": len(fetched.body),
            "type": fetched.headers.get("content-type"),
            "width": size and size.width,
            "height": size and size.height,
            "picture": picture,
            "fetches": [it.as_json() for it in attempts],
            "url": full,
            "isSigned": is_signed or url.signature is not None,
            "snippet": _snippet(clients, delivery, urls=urls, url=url, made=Candidate(url=full, size=size))
            if size and fetched.status == 200
            else None,
        }

    def result(self, name: str) -> tuple[str, bytes]:
        """Return the type and the bytes of one of the last results."""
        with self._lock:
            data = self._results.get(name)
        if data is None:
            raise NotFoundError("there is no such picture")
        return shown_type(data[:_SNIFFED]) or "application/octet-stream", data

    def _first(
        self, delivery: Delivery, *, urls: ImageUrls, url: RequestUrl, accepted: AcceptedType
    ) -> tuple[_Attempt, bool]:
        """Fetch, and return whether the console has signed."""
        signer = urls.signer if url.signature is None else None
        if signer is None or delivery.settings.signing is not Signing.REQUIRED:
            attempt = self._attempt(delivery, target=url.address, accepted=accepted)
            # The delivery itself says what it permits without a signature.
            if signer is None or attempt.refusal.get("error") not in _UNSIGNED:
                return attempt, False
        return self._attempt(delivery, target=signer.sign(url.address), accepted=accepted), True

    def _attempt(self, delivery: Delivery, *, target: str, accepted: AcceptedType) -> _Attempt:
        clients = self._of(delivery)
        was_stored = _is_stored(clients, delivery, url=split_target(target), accepted=accepted)
        fetched = fetch(clients, base=delivery.url, target=target, accepted=accepted)
        return _Attempt(target=target, was_stored=was_stored, fetched=fetched)

    def _keep(self, data: bytes) -> str:
        name = secrets.token_urlsafe(12)
        with self._lock:
            self._results[name] = data
            while len(self._results) > _KEPT:
                self._results.popitem(last=False)
        return name

    def _find(self) -> None:
        self._deliveries = {it.function_arn: it for it in deployed_deliveries(self._clients, stack=self._stack)}

    def _delivery(self, id_: str) -> Delivery:
        if id_ not in self._deliveries:
            self._find()
        if id_ not in self._deliveries:
            raise NotFoundError("there is no such delivery")
        return self._deliveries[id_]

    def _of(self, delivery: Delivery) -> Clients:
        return self._clients.of(delivery.function_arn)


def first_parameters(settings: DeliverySettings) -> dict[str, str]:
    """Return what the page asks for first: the first size of the list, or a width that the console signs, or a preset.

    Empty if the delivery permits nothing of these, or the original size.
    """
    if settings.sizes:
        sides = zip(("width", "height"), settings.sizes[0], strict=True)
        return {name: str(side) for name, side in sides if side is not None}
    if settings.is_open or settings.signing is not Signing.OFF:
        return {"width": str(DEFAULT_WIDTHS[1])}
    return {"preset": next(iter(settings.presets))} if settings.presets else {}


def _is_stored(clients: Clients, delivery: Delivery, *, url: RequestUrl, accepted: AcceptedType) -> bool | None:
    settings = delivery.settings
    key = result_key(
        url,
        bucket=url.bucket or settings.sources[0].bucket,
        accepted=accepted,
        presets_with_type=settings.presets_with_type,
        generation=settings.generation,
    )
    try:
        return etag_of(clients, bucket=settings.results_bucket, key=key) is not None
    except UserError:
        return None


def _target(delivery: Delivery, *, form: Form, text: str) -> str:
    for base in (delivery.url, delivery.viewer_url):
        if text.startswith(f"{base}/"):
            return text.removeprefix(base).rstrip()
    return target_of(form, text)


def _sentence(attempt: _Attempt, *, is_signed: bool) -> str:
    refusal = attempt.refusal
    if shown_type(attempt.fetched.body[:_SNIFFED]):
        return f"The delivery answered {attempt.fetched.status} with this image."
    if "message" not in refusal:
        return f"The delivery answered {attempt.fetched.status} and gave no reason."
    where = f" ({refusal['parameter']})" if "parameter" in refusal else ""
    hint = ""
    if is_signed and refusal.get("error") == Refusal.BAD_SIGNATURE:
        hint = " If the edge does not know the key yet, run: safelight keys sync"
    return f"{refusal['message']}{where}{hint}"


def _snippet(clients: Clients, delivery: Delivery, *, urls: ImageUrls, url: RequestUrl, made: Candidate) -> str:
    """Write the HTML of an image: in several widths if only the width is asked for."""
    candidates = [made]
    is_live = url.version is None and url.expires is None and url.signature is None
    named = dict(url.parameters)
    if url.form is Form.QUERY and named.keys() == {"width"} and is_live:
        bucket = url.bucket or delivery.settings.sources[0].bucket
        size = _source_size(clients, delivery, bucket=bucket, key=url.key)
        if size is not None:
            source = SourceImage(bucket=bucket, key=url.key, size=size)
            candidates = urls.by_widths(source, widths=[*urls.widths, int(named["width"])])
    return img(candidates, alt="", sizes=None, shown=made)


def _source_size(clients: Clients, delivery: Delivery, *, bucket: str, key: str) -> Size | None:
    try:
        found = find_delivered(clients, settings=delivery.settings, bucket=bucket, key=key)
    except UserError:
        return None
    return upright_size(found.beginning()) or upright_size(found.whole())
