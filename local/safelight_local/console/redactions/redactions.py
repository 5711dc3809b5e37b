"""The requests of the page of redactions."""

import threading
from typing import Any

from safelight_local.aws.clients import Clients
from safelight_local.aws.redactions import Redaction, RedactionKind, deployed_redactions
from safelight_local.console.missing import NotFoundError
from safelight_local.console.pictures import OpenPicture, open_picture
from safelight_local.console.redactions.photos import PhotoList, photo_picture, read_photo
from safelight_local.console.redactions.videos import OpenVideo, VideoList, open_video, read_video, video_picture

_SHOWN = (RedactionKind.PHOTO, RedactionKind.VIDEO)


class Redactions:
    """Answers the page's requests for the redactions of one emulator or account.

    A request names a redaction by its ARN, and an upload by its key or its execution. Only objects of the buckets and
    prefixes of a deployed redaction are read.

    `stack`: Only the redactions of this stack. Default: of all stacks.
    """

    def __init__(self, clients: Clients, *, stack: str | None) -> None:
        self._clients, self._stack = clients, stack
        self._redactions: dict[str, Redaction] = {}
        self._lists: dict[str, PhotoList | VideoList] = {}
        self._lock = threading.Lock()

    def deployed(self) -> list[dict[str, Any]]:
        """List the redactions."""
        self._find()
        return [
            {
                "id": id_,
                "name": f"{it.stack}/{it.name}",
                "kind": it.kind.value,
                "source": f"{it.source_bucket}/{it.source_prefix}",
            }
            for id_, it in self._redactions.items()
        ]

    def uploads(self, id_: str) -> dict[str, Any]:
        """List the latest uploads of a redaction: ``rows``, and whether there may be ``more``."""
        redaction = self._redaction(id_)
        kind = PhotoList if redaction.kind is RedactionKind.PHOTO else VideoList
        with self._lock:
            listed = self._lists.setdefault(id_, kind(self._of(redaction), redaction=redaction))
        rows, more = listed.rows()
        return {"rows": [row.as_json() for row in rows], "more": more}

    def upload(self, id_: str, *, item: str) -> dict[str, Any]:
        """Describe one upload."""
        redaction = self._redaction(id_)
        if redaction.kind is RedactionKind.PHOTO:
            return read_photo(self._of(redaction), redaction=redaction, key=item)
        return read_video(self._of(redaction), redaction=redaction, arn=item)

    def picture(self, id_: str, *, item: str, name: str) -> OpenPicture:
        """Open a picture of an upload, ``before`` or ``after`` its redaction."""
        redaction = self._redaction(id_)
        clients = self._of(redaction)
        if redaction.kind is RedactionKind.PHOTO:
            return open_picture(clients, picture=photo_picture(clients, redaction=redaction, key=item, name=name))
        return open_picture(clients, picture=video_picture(clients, redaction=redaction, arn=item, name=name))

    def video(self, id_: str, *, item: str, range_: str | None) -> OpenVideo:
        """Open a redacted video."""
        redaction = self._redaction(id_)
        if redaction.kind is not RedactionKind.VIDEO:
            raise NotFoundError("there is no such video")
        return open_video(self._of(redaction), redaction=redaction, arn=item, range_=range_)

    def _find(self) -> None:
        self._redactions = {
            it.arn: it
            for it in deployed_redactions(self._clients)
            if it.kind in _SHOWN and self._stack in (None, it.stack)
        }

    def _redaction(self, id_: str) -> Redaction:
        if id_ not in self._redactions:
            self._find()
        if id_ not in self._redactions:
            raise NotFoundError("there is no such redaction")
        return self._redactions[id_]

    def _of(self, redaction: Redaction) -> Clients:
        return self._clients.of(redaction.arn)
