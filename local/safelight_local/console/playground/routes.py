"""The routes of the page of deliveries."""

from functools import partial

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from safelight_local.console.answers import PICTURE_HEADERS, json_answer, picture_answer
from safelight_local.console.missing import NotFoundError
from safelight_local.console.pictures import NoPictureError
from safelight_local.console.playground.playground import Playground

_NO_PARAMETERS = {"delivery", "source", "key", "form"}
_MOST_TEXT = 20_000


def playground_routes(playground: Playground) -> list[Route]:
    """Make the routes."""
    return [
        Route("/api/deliveries", lambda _: json_answer(playground.deliveries())),
        Route("/api/delivery/images", partial(_images, playground=playground)),
        Route("/api/delivery/request", partial(_request, playground=playground)),
        Route("/api/delivery/fetch", partial(_fetch, playground=playground), methods=["POST"]),
        Route("/delivery/original", partial(_original, playground=playground)),
        Route("/delivery/result", partial(_result, playground=playground)),
    ]


def _images(request: Request, *, playground: Playground) -> Response:
    query = request.query_params
    return json_answer(playground.images(query["delivery"], source=int(query["source"]), after=query.get("after", "")))


def _request(request: Request, *, playground: Playground) -> Response:
    query = request.query_params
    text = playground.text(
        query["delivery"],
        source=int(query["source"]),
        key=query["key"],
        form=query["form"],
        parameters={name: value for name, value in query.items() if name not in _NO_PARAMETERS},
    )
    return json_answer({"text": text})


async def _fetch(request: Request, *, playground: Playground) -> Response:
    query = request.query_params
    length = request.headers.get("content-length", "")
    if not length.isdecimal() or int(length) > _MOST_TEXT:
        return json_answer({"error": f"a request may have {_MOST_TEXT} bytes"}, status=413)
    text = (await request.body()).decode()
    ask = partial(playground.ask, query["delivery"], form=query["form"], text=text, accept=query["accept"])
    return json_answer(await run_in_threadpool(ask))


def _original(request: Request, *, playground: Playground) -> Response:
    query = request.query_params
    try:
        picture = playground.original(query["delivery"], source=int(query["source"]), key=query["key"])
    except (NotFoundError, NoPictureError) as error:
        return PlainTextResponse(str(error), status_code=404)
    return picture_answer(picture)


def _result(request: Request, *, playground: Playground) -> Response:
    kind, data = playground.result(request.query_params.get("name", ""))
    return Response(data, media_type=kind, headers=PICTURE_HEADERS)
