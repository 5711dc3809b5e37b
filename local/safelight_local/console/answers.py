"""Responses of the console's server."""

import json
from collections.abc import Iterator

from starlette.responses import Response, StreamingResponse

from safelight_local.console.pictures import OpenPicture

_CHUNK = 256 * 1024
# A picture that is opened in its own tab is a document. It may do nothing.
PICTURE_HEADERS = {"Content-Security-Policy": "default-src 'none'; sandbox; frame-ancestors 'none'"}


def json_answer(answer: object, *, status: int = 200) -> Response:
    """Answer with a JSON value."""
    # In ASCII: a key may hold half of a surrogate pair, which UTF-8 cannot.
    return Response(json.dumps(answer), status_code=status, media_type="application/json")


def picture_answer(picture: OpenPicture) -> Response:
    """Answer with a picture that is read while it is sent."""
    headers = PICTURE_HEADERS | {"Content-Length": str(picture.length)}
    return StreamingResponse(_chunks(picture), media_type=picture.content_type, headers=headers)


def _chunks(picture: OpenPicture) -> Iterator[bytes]:
    with picture.rest:
        yield picture.head
        while chunk := picture.rest.read(_CHUNK):
            yield chunk
