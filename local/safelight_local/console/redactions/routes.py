"""The routes of the page of redactions."""

from collections.abc import Iterator
from functools import partial

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from safelight_local.console.answers import PICTURE_HEADERS, json_answer, picture_answer
from safelight_local.console.missing import NotFoundError
from safelight_local.console.pictures import NoPictureError
from safelight_local.console.redactions.redactions import Redactions
from safelight_local.console.redactions.videos import OpenVideo

_CHUNK = 256 * 1024


def redaction_routes(redactions: Redactions) -> list[Route]:
    """Make the routes."""
    return [
        Route("/api/redactions", lambda _: json_answer(redactions.deployed())),
        Route("/api/redaction/uploads", partial(_uploads, redactions=redactions)),
        Route("/api/redaction/upload", partial(_upload, redactions=redactions)),
        Route("/redactions/picture", partial(_picture, redactions=redactions)),
        Route("/redactions/video", partial(_video, redactions=redactions)),
    ]


def _uploads(request: Request, *, redactions: Redactions) -> Response:
    return json_answer(redactions.uploads(request.query_params["redaction"]))


def _upload(request: Request, *, redactions: Redactions) -> Response:
    query = request.query_params
    return json_answer(redactions.upload(query["redaction"], item=query["item"]))


def _picture(request: Request, *, redactions: Redactions) -> Response:
    query = request.query_params
    try:
        picture = redactions.picture(query["redaction"], item=query["item"], name=query["name"])
    except (NotFoundError, NoPictureError) as error:
        return PlainTextResponse(str(error), status_code=404)
    return picture_answer(picture)


def _video(request: Request, *, redactions: Redactions) -> Response:
    query = request.query_params
    try:
        video = redactions.video(query["redaction"], item=query["item"], range_=request.headers.get("range"))
    except (NotFoundError, NoPictureError) as error:
        return PlainTextResponse(str(error), status_code=404)
    return StreamingResponse(_chunks(video), status_code=video.status, headers=PICTURE_HEADERS | video.headers)


def _chunks(video: OpenVideo) -> Iterator[bytes]:
    with video.body as body:
        while chunk := body.read(_CHUNK):
            yield chunk
