"""Write a request for an image in each form of URL: a query, a thumbor path and a JSON document."""

import base64
import json
from collections.abc import Iterator, Mapping
from typing import Any

from safelight_contracts.delivery.forms import Dialect, Form
from safelight_contracts.delivery.refusals import RequestRefusedError
from safelight_contracts.delivery.request_urls import RequestUrl, encoded, split_url
from safelight_contracts.delivery.settings import DeliverySettings
from safelight_contracts.delivery.shaping import Focus, ResizeFit
from safelight_local.errors import UserError

_IN_WORDS = {Form.JSON: "JSON document", Form.THUMBOR: "thumbor path", Form.QUERY: "query"}
_BLACK = "000000"


def request_text(
    form: Form, *, bucket: str, key: str, parameters: Mapping[str, str], settings: DeliverySettings
) -> str:
    """Write a request as a person edits it.

    Parameters
    ----------
    bucket, key
        The source. The URL names the bucket if it is not that of the delivery's first source.
    parameters
        As in a query: ``width``, ``height``, ``fit``, ``enlarge``, ``focus``, ``dpr``, ``flip``, ``flop``, ``rotate``,
        ``grayscale``, ``format``, ``quality`` and ``preset``, which the other forms write out.

    Returns
    -------
    str
        A path with its query, or a JSON document before it is encoded. `target_of` makes a path of both.

    Raises
    ------
    UserError
        If the form cannot say it.
    ValueError
        If a value is not of its kind.
    """
    named = None if bucket == settings.sources[0].bucket else bucket
    if form is Form.QUERY:
        return _checked(_query(named, key, parameters), form=form, named=named, key=key)
    written_out = _written_out(parameters, settings=settings)
    if form is Form.THUMBOR:
        segments = [*_segments(written_out, dialect=settings.dialect), *([f"s3:{named}"] if named else [])]
        return _checked(f"/{'/'.join(segments)}/{_path(key)}", form=form, named=named, key=key)
    document = {"bucket": named} if named else {}
    return json.dumps({**document, "key": key, **_document(written_out)}, indent=2, ensure_ascii=False)


def target_of(form: Form, text: str) -> str:
    """Return the path and the query of a text by `request_text`, edited or not.

    Raises
    ------
    UserError
        If it is no JSON, or does not begin with a slash.
    """
    if form is not Form.JSON:
        if not text.startswith("/"):
            raise UserError("begin the request with a slash and a path, or with the URL of the delivery")
        return text
    try:
        document = json.loads(text)
    except ValueError as error:
        raise UserError(f"this is not JSON: {error}") from error
    compact = json.dumps(document, separators=(",", ":"), ensure_ascii=False)
    return "/" + base64.urlsafe_b64encode(compact.encode(errors="replace")).decode().rstrip("=")


def split_target(target: str) -> RequestUrl:
    """Split a path and its query as a delivery does. Raises UserError if it is refused."""
    path, _, query = target.partition("?")
    try:
        return split_url(path, query)
    except RequestRefusedError as error:
        where = "" if error.parameter is None else f" ({error.parameter})"
        raise UserError(f"{error.message}{where}") from error


def query_target(*, bucket: str, key: str, parameters: Mapping[str, str], settings: DeliverySettings) -> RequestUrl:
    """Write a query and split it. Raises UserError if no URL of this form can have the key."""
    return split_target(request_text(Form.QUERY, bucket=bucket, key=key, parameters=parameters, settings=settings))


def _checked(target: str, *, form: Form, named: str | None, key: str) -> str:
    try:
        url = split_target(target)
    except UserError as error:
        raise UserError(f"no URL can ask for {key}: {error}") from error
    if (url.form, url.key, url.bucket) != (form, key, named):
        raise UserError(f"{key} looks like a request of another form: ask for it by a JSON document")
    return target


def _path(key: str) -> str:
    return "/".join(encoded(segment) for segment in key.split("/"))


def _query(named: str | None, key: str, parameters: Mapping[str, str]) -> str:
    bucket = "" if named is None else f"/{encoded(f's3:{named}')}"
    query = "&".join(f"{encoded(name)}={encoded(value)}" for name, value in parameters.items())
    return f"{bucket}/{_path(key)}{'?' if query else ''}{query}"


def _written_out(parameters: Mapping[str, str], *, settings: DeliverySettings) -> Mapping[str, str]:
    preset = parameters.get("preset")
    if preset is None:
        return parameters
    if preset not in settings.presets:
        raise UserError(f"there is no preset {preset!r}: the delivery has {', '.join(settings.presets) or 'none'}")
    others = {name: value for name, value in parameters.items() if name != "preset"}
    return {**settings.presets[preset], **others}


def _sides(parameters: Mapping[str, str]) -> tuple[int | None, int | None]:
    """Return width and height, multiplied by ``dpr`` and rounded as the delivery does."""
    ratio = float(parameters.get("dpr", "1"))
    width, height = (
        int(int(parameters[name]) * ratio + 0.5) if name in parameters else None for name in ("width", "height")
    )
    return width, height


def _is_on(parameters: Mapping[str, str], name: str) -> bool:
    return parameters.get(name) == "true"


def _is_attention(parameters: Mapping[str, str], *, form: Form) -> bool:
    focus = parameters.get("focus")
    if focus not in (None, Focus.ATTENTION):
        raise UserError(f"a {_IN_WORDS[form]} cannot say focus={focus}: use a query")
    return focus is not None


def _segments(parameters: Mapping[str, str], *, dialect: Dialect) -> Iterator[str]:
    yield "unsafe"
    width, height = _sides(parameters)
    fit = ResizeFit(parameters.get("fit", ResizeFit.INSIDE))
    has_size = width is not None or height is not None
    if has_size and fit in (ResizeFit.INSIDE, ResizeFit.CONTAIN):
        yield "fit-in"
    elif has_size and fit is ResizeFit.OUTSIDE:
        yield "full-fit-in"
    flop, flip = ("-" if _is_on(parameters, name) else "" for name in ("flop", "flip"))
    if has_size or flop or flip:
        yield f"{flop}{width or 0}x{flip}{height or 0}"
    if _is_attention(parameters, form=Form.THUMBOR):
        yield "smart"
    filters = [
        *(_resize_filters(parameters, fit=fit, dialect=dialect) if has_size else ()),
        *_filters(parameters, dialect=dialect),
    ]
    if filters:
        yield f"filters:{':'.join(filters)}"


def _resize_filters(parameters: Mapping[str, str], *, fit: ResizeFit, dialect: Dialect) -> Iterator[str]:
    if not _is_on(parameters, "enlarge"):
        yield "no_upscale()"
    elif fit in (ResizeFit.INSIDE, ResizeFit.CONTAIN):
        yield "upscale()"
    if fit is ResizeFit.FILL:
        yield "stretch()"
    if fit is ResizeFit.CONTAIN:
        if dialect is Dialect.THUMBOR:
            raise UserError("a thumbor path in thumbor's dialect cannot say fit=contain: use a query")
        yield f"fill({_BLACK})"


def _filters(parameters: Mapping[str, str], *, dialect: Dialect) -> Iterator[str]:
    if "rotate" in parameters:
        degrees = float(parameters["rotate"])
        yield f"rotate({-degrees if dialect is Dialect.THUMBOR else degrees:g})"
    if _is_on(parameters, "grayscale"):
        yield "grayscale()"
    if parameters.get("format", "auto") != "auto":
        yield f"format({parameters['format']})"
    if "quality" in parameters:
        yield f"quality({parameters['quality']})"


def _document(parameters: Mapping[str, str]) -> dict[str, Any]:
    edits: dict[str, Any] = {}
    width, height = _sides(parameters)
    position = {"position": Focus.ATTENTION.value} if _is_attention(parameters, form=Form.JSON) else {}
    if width is not None or height is not None:
        sides = {name: side for name, side in (("width", width), ("height", height)) if side is not None}
        fit = {"fit": ResizeFit(parameters.get("fit", ResizeFit.INSIDE)).value}
        enlarges = {} if _is_on(parameters, "enlarge") else {"withoutEnlargement": True}
        edits["resize"] = sides | fit | position | enlarges
    if "rotate" in parameters:
        edits["rotate"] = json.loads(f"{float(parameters['rotate']):g}")
    edits |= {name: True for name in ("flip", "flop", "grayscale") if _is_on(parameters, name)}
    return _typed(edits, parameters)


def _typed(edits: dict[str, Any], parameters: Mapping[str, str]) -> dict[str, Any]:
    name = parameters.get("format", "auto")
    if "quality" in parameters:
        if name == "auto":
            raise UserError("a JSON document says the quality with the type: choose a format, or use a query")
        edits[name] = {"quality": int(parameters["quality"])}
    elif name != "auto":
        edits["toFormat"] = name
    return {"edits": edits} if edits else {}
