"""Make a result once, from the source as it is now, and store it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from botocore.exceptions import ClientError

from awskit.delivery.budget import SECONDS, Budget
from awskit.delivery.cached_sources import mark_cached
from awskit.delivery.caching import cache_control_of
from awskit.delivery.focus import focused
from awskit.delivery.forgetting import report_stale
from awskit.delivery.leases import Lease, result_or_lease, shared_refusals
from awskit.delivery.permissions import Asked
from awskit.delivery.pictures import make_picture
from awskit.delivery.places import combined_fingerprint, fingerprint_of
from awskit.delivery.sources import Source, SourceChangedError, not_found, open_source, read_source
from awskit.delivery.stored_results import Result, read_result, remove_result, store_result
from awskit.delivery.verdicts import Verdicts
from imagekit.decoding.limits import inspect
from imagekit.formats.registry import FORMATS
from imagekit.geometry import Box
from imagekit.operations.delivered import DeliveredImage, EncodedImage
from imagekit.operations.plans import needs_faces
from safelight_contracts.delivery.effects import BlurUnsafe
from safelight_contracts.delivery.operations import ImagePlan
from safelight_contracts.delivery.overlays import Overlay
from safelight_contracts.delivery.refusals import Refusal, RequestRefusedError
from safelight_contracts.delivery.result_keys import verdict_prefix
from safelight_contracts.delivery.settings import MAX_ANSWER
from safelight_contracts.limits import Limits

_ATTEMPTS = 2
# For an answer in time. The function itself lives until the slowest service has said whether the result may stay.
_STORING_SECONDS = 2.0
# An event takes longer from S3 through EventBridge and the queue to the function that forgets.
_EVENT_SECONDS = 1.0
# S3 can still store a result after the function has given up on the answer.
_LOST_SECONDS = 60
# All files of a request are in memory at the same time.
_MAX_OVERLAYS_BYTES = 20_971_520
# A result is within narrower ones.
_WRITTEN = Limits()


@dataclass(frozen=True, kw_only=True)
class Maker:
    """Makes what a request asks for.

    Parameters
    ----------
    asked
        What the request may have.
    limits
        Of sources and overlays.
    budget
        Of the request.
    """

    asked: Asked
    limits: Limits
    budget: Budget

    def stored(self) -> Result | None:
        """Read the stored result. ``None`` if there is none, or its files have changed since.

        Raises
        ------
        RequestRefusedError
            `NOT_FOUND` if the source or an overlay is gone.
        ServiceBusy, botocore.exceptions.ClientError
            If a service fails.
        """
        found = read_result(self.asked.key, bucket=self._results)
        if found is None:
            return None
        current = self._current_fingerprint()
        if current == found.fingerprint:
            return found
        remove_result(self.asked.key, etag=found.etag, bucket=self._results)
        if current is None:
            raise not_found()
        return None

    def made(self) -> Result:
        """Make and store the result, or wait for whoever makes it.

        A URL with a version that the source does not have is answered as a live one, under the live one's key: no
        version that somebody invents makes another picture.

        Raises
        ------
        RequestRefusedError
            If there is no image, or it cannot be made in time.
        ImageRejected
            If the source is at fault.
        ServiceBusy, botocore.exceptions.ClientError
            If a service fails.
        """
        for _ in range(_ATTEMPTS):
            try:
                result = self._made_once()
            except SourceChangedError:
                continue
            return self._live_result() if result is None else result
        raise RequestRefusedError(Refusal.BUSY, "The image is being replaced. Try again.")

    def _live_result(self) -> Result:
        live = Maker(asked=self.asked.live(), limits=self.limits, budget=self.budget)
        found = live.stored()
        return live.made() if found is None else found

    def _made_once(self) -> Result | None:
        """Return ``None`` if the source does not have the version of the URL."""
        # Before the lease, because most requests for which there is no image end here.
        source = open_source(bucket=self.asked.bucket, key=self.asked.url.key, settings=self.asked.settings)
        version = self.asked.url.version
        if version is not None and not source.is_version(version):
            return None
        with result_or_lease(
            self.asked.key,
            bucket=self._results,
            budget=self.budget,
            find=self.stored,
            fingerprint=self._current_fingerprint,
        ) as found:
            if not isinstance(found, Lease):
                return found
            overlays = {overlay: self._open_overlay(overlay) for overlay in self._overlays}
            fingerprint = combined_fingerprint([source.fingerprint, *(one.fingerprint for one in overlays.values())])
            with shared_refusals(found, bucket=self._results, fingerprint=fingerprint):
                plan = focused(self.asked.plan, asset=source.place.asset)
                picture = self._picture(source, plan=plan, overlays=overlays)
            return self._store(picture, plan=plan, fingerprint=fingerprint)

    def _picture(self, source: Source, *, plan: ImagePlan, overlays: Mapping[Overlay, Source]) -> DeliveredImage:
        image = read_source(source, limits=self.limits)
        make = partial(
            make_picture,
            image,
            plan=plan,
            accepted=self.asked.accepted,
            faces=self._faces(image, source=source),
            overlays=self._read_overlays(overlays),
            limits=self.limits,
            budget=self.budget,
        )
        picture = make(is_unsafe=False)
        return make(is_unsafe=True) if self._is_unsafe(picture, source=source) else picture

    def _store(self, picture: DeliveredImage, *, plan: ImagePlan, fingerprint: str) -> Result:
        self.budget.require(_STORING_SECONDS)
        result = Result(
            key=self.asked.key,
            data=picture.data if len(picture.data) <= MAX_ANSWER else None,
            content_type=FORMATS[picture.type].content_type,
            cache_control=cache_control_of(self.asked.url, asked=self.asked.plan, made=plan),
            headers=dict(self.asked.plan.output.headers),
            etag="",
            fingerprint=fingerprint,
        )
        self._mark()
        self._require_current_after_long(fingerprint)
        etag = self._put(picture.data, result=result)
        if etag is None:
            return self._first_result()
        self._check_current(fingerprint, etag=etag)
        return replace(result, etag=etag)

    def _require_current_after_long(self, fingerprint: str) -> None:
        """Check the source before the result is stored too, if the event of a change can have been handled already.

        If this process dies before the check that follows, nobody else would delete the result.
        """
        if self.budget.remaining < SECONDS - _EVENT_SECONDS and self._current_fingerprint() != fingerprint:
            raise SourceChangedError

    def _mark(self) -> None:
        if self.asked.settings.has_edge:
            mark_cached(
                bucket=self.asked.bucket,
                key=self.asked.url.key,
                overlays=[(self._bucket_of(overlay), overlay.key) for overlay in self._overlays],
                results_bucket=self._results,
            )

    def _put(self, data: bytes, *, result: Result) -> str | None:
        try:
            return store_result(data, result=result, bucket=self._results)
        except ClientError:
            # S3 has said that it is not stored.
            raise
        except Exception:
            self._take_back_unseen()
            raise

    def _first_result(self) -> Result:
        """Return what is stored already: by somebody else, or by an attempt of this request whose answer was lost."""
        first = read_result(self.asked.key, bucket=self._results)
        if first is None:
            raise SourceChangedError
        self._check_current(first.fingerprint, etag=first.etag)
        return first

    def _take_back_unseen(self) -> None:
        """Take back a result that may be stored, or will be."""
        try:
            self._report_stale(delay=_LOST_SECONDS)
        finally:
            found = read_result(self.asked.key, bucket=self._results)
            if found is not None:
                remove_result(self.asked.key, etag=found.etag, bucket=self._results)

    def _check_current(self, fingerprint: str, *, etag: str) -> None:
        """Take back what was stored, if its files are no longer what it was made from, or nobody can say."""
        is_current = False
        try:
            is_current = self._current_fingerprint() == fingerprint
        finally:
            if not is_current:
                self._take_back(etag)
        if not is_current:
            raise SourceChangedError

    def _take_back(self, etag: str) -> None:
        try:
            self._report_stale(delay=0)
        finally:
            remove_result(self.asked.key, etag=etag, bucket=self._results)

    def _report_stale(self, *, delay: int) -> None:
        report_stale(bucket=self.asked.bucket, key=self.asked.url.key, settings=self.asked.settings, delay=delay)

    def _faces(self, image: EncodedImage, *, source: Source) -> tuple[Box, ...]:
        if not needs_faces(self.asked.plan):
            return ()
        self._mark()
        return self._verdicts(source).find_faces(image, limits=self.limits, budget=self.budget)

    def _is_unsafe(self, picture: DeliveredImage, *, source: Source) -> bool:
        blurs = [one for one in self.asked.plan.operations if isinstance(one, BlurUnsafe)]
        if not blurs:
            return False
        self._mark()
        finished = EncodedImage(data=picture.data, header=inspect(picture.data, limits=_WRITTEN))
        return self._verdicts(source).is_unsafe(finished, limits=self.limits, budget=self.budget, blurs=blurs)

    @property
    def _overlays(self) -> Sequence[Overlay]:
        return list(dict.fromkeys(one for one in self.asked.plan.operations if isinstance(one, Overlay)))

    def _bucket_of(self, overlay: Overlay) -> str:
        return overlay.bucket or self.asked.bucket

    def _open_overlay(self, overlay: Overlay) -> Source:
        return open_source(bucket=self._bucket_of(overlay), key=overlay.key, settings=self.asked.settings)

    def _read_overlays(self, sources: Mapping[Overlay, Source]) -> Mapping[Overlay, EncodedImage]:
        limits = replace(self.limits, max_bytes=min(self.limits.max_bytes, _MAX_OVERLAYS_BYTES))
        overlays: dict[Overlay, EncodedImage] = {}
        for overlay, source in sources.items():
            overlays[overlay] = read_source(source, limits=limits)
            limits = replace(limits, max_bytes=max(1, limits.max_bytes - len(overlays[overlay].data)))
        return overlays

    def _verdicts(self, source: Source) -> Verdicts:
        prefix = verdict_prefix(bucket=self.asked.bucket, key=self.asked.url.key)
        return Verdicts(
            bucket=self._results,
            prefix=f"{prefix}{source.fingerprint}/",
            is_current=lambda: self._fingerprint_of_source() == source.fingerprint,
        )

    def _fingerprint_of_source(self) -> str | None:
        return self._fingerprint(bucket=self.asked.bucket, key=self.asked.url.key)

    def _fingerprint(self, *, bucket: str, key: str) -> str | None:
        return fingerprint_of(bucket=bucket, key=key, settings=self.asked.settings)

    def _current_fingerprint(self) -> str | None:
        """Return ``None`` if the source or an overlay is gone."""
        found = [
            self._fingerprint_of_source(),
            *(self._fingerprint(bucket=self._bucket_of(overlay), key=overlay.key) for overlay in self._overlays),
        ]
        present = [one for one in found if one is not None]
        return combined_fingerprint(present) if len(present) == len(found) else None

    @property
    def _results(self) -> str:
        return self.asked.settings.results_bucket
