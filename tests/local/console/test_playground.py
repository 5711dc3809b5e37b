"""The console's answers about deliveries.

A function stands for the delivery: it permits a width of 640, refuses the rest unless it is signed, and answers what it
was asked. The delivery itself is fetched in ``tests/browser``.
"""

import base64
import io
import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
from PIL import Image
from tests.local.console.serving import answer, ask, served
from tests.local.deliveries import FIRST_KEY, RECORDS, deploy_delivery, publish, settings
from tests.local.lambda_functions import create_function

from safelight_contracts.delivery.accept import AcceptedType
from safelight_contracts.delivery.result_keys import result_key
from safelight_contracts.delivery.settings import Signing, Source
from safelight_local.console.api import Api
from safelight_local.console.playground.fetching import fetch as fetch_from
from safelight_local.console.playground.playground import first_parameters
from safelight_local.console.playground.sources import PAGE
from safelight_local.console.server import ConsoleServer
from safelight_local.emulator.process import Emulator
from safelight_local.errors import UserError
from safelight_local.web_pages.request_forms import split_target

STAND_IN = """
import base64, json
PICTURE = "%s"
def handler(event, context):
    query = event["rawQueryString"]
    moved = {"/public/large.jpg": "/public/a.jpg?width=640", "/public/away.jpg": "https://evil.example/"}
    if event["rawPath"] in moved:
        return {"statusCode": 302, "headers": {"Location": moved[event["rawPath"]]}}
    if "none.jpg" in event["rawPath"]:
        refused = (404, {"error": "NOT_FOUND", "message": "There is no such image.", "parameter": "key"})
    elif "width=640" not in query and "kid=" not in query:
        refused = (403, {"error": "NOT_PERMITTED", "message": "Sign the URL."})
    else:
        return {"statusCode": 200, "headers": {"Content-Type": "image/png", "Age": "7"}, "body": PICTURE,
            "isBase64Encoded": True}
    return {"statusCode": refused[0], "headers": {"Content-Type": "application/json"}, "body": json.dumps(refused[1])}
"""
SOURCES = (Source(bucket="photos", prefix="public/"), Source(bucket="scans"))


@pytest.fixture(scope="module")
def server(emulator: Emulator) -> Iterator[ConsoleServer]:
    """A console before two deliveries, `Site/Cdn` and `Strict/Cdn`, whose URLs must all be signed."""
    endpoints = emulator.endpoints
    for bucket in ("photos", "scans", "results"):
        endpoints.s3.create_bucket(Bucket=bucket)
    for key, size in {"public/a.jpg": (1_000, 500), "private/b.jpg": (8, 6)}.items():
        endpoints.s3.put_object(Bucket="photos", Key=key, Body=picture(size, kind="JPEG"))
    create_function(
        endpoints, name="stand-in", source=STAND_IN % base64.b64encode(picture((640, 320), kind="PNG")).decode()
    )
    url = endpoints.lambda_.create_function_url_config(FunctionName="stand-in", AuthType="NONE")["FunctionUrl"]
    base = f"https://{url.split('/')[2]}"
    deploy_delivery(endpoints, url=base, sources=SOURCES)
    deploy_delivery(endpoints, stack="Strict", url=base, sources=SOURCES, signing=Signing.REQUIRED)
    yield from served(Api(endpoints, stack=None, may_upload=False))


def picture(size: tuple[int, int], *, kind: str) -> bytes:
    made = io.BytesIO()
    Image.new("RGB", size, "teal").save(made, kind)
    return made.getvalue()


def delivery(server: ConsoleServer, name: str = "Site/Cdn") -> Any:
    return next(it for it in answer(ask(server, "/api/deliveries")) if it["name"] == name)


def address(server: ConsoleServer, path: str, *, name: str = "Site/Cdn", **query: str) -> str:
    return f"{path}?{urlencode({'delivery': delivery(server, name)['id'], **query})}"


def fetch(server: ConsoleServer, text: str, *, form: str = "query", name: str = "Site/Cdn") -> Any:
    path = address(server, "/api/delivery/fetch", name=name, form=form, accept="plain")
    return answer(ask(server, path, method="POST", body=text.encode()))


def test_a_delivery_is_listed_with_its_presets_and_sources(server: ConsoleServer) -> None:
    found = delivery(server)
    assert found["presets"] == ["card"]
    assert found["sources"] == [
        {"bucket": "photos", "prefix": "public/", "areUploads": False},
        {"bucket": "scans", "prefix": "", "areUploads": False},
    ]


@pytest.mark.parametrize(
    ("changes", "start"),
    [
        ({}, {"width": "640"}),
        ({"sizes": ((320, 200), (640, None))}, {"width": "320", "height": "200"}),
        ({"sizes": ((None, None),)}, {}),
        ({"sizes": ()}, {"width": "640"}),
        ({"sizes": (), "signing": Signing.OFF}, {"preset": "card"}),
        ({"sizes": (), "signing": Signing.OFF, "is_open": True}, {"width": "640"}),
    ],
)
def test_the_page_starts_with_an_image_that_the_delivery_permits(
    changes: dict[str, Any], start: dict[str, str]
) -> None:
    assert first_parameters(settings(**changes)) == start


def test_only_deliveries_of_the_chosen_stack_are_listed(emulator: Emulator) -> None:
    api = Api(emulator.endpoints, stack="Strict", may_upload=False)
    assert [it["name"] for it in api.playground.deliveries()] == ["Strict/Cdn"]


def test_a_permitted_image_is_fetched_twice_and_not_signed(server: ConsoleServer) -> None:
    shown = fetch(server, "/public/a.jpg?width=640")
    assert (shown["status"], shown["error"], shown["isSigned"]) == (200, None, False)
    assert (shown["type"], shown["width"], shown["height"]) == ("image/png", 640, 320)
    assert shown["url"].endswith("/public/a.jpg?width=640")
    assert [it["headers"]["age"] for it in shown["fetches"]] == ["7", "7"]
    given = ask(server, f"/delivery/result?name={shown['picture']}")
    body = given.read()
    assert (given.getheader("Content-Type"), len(body)) == ("image/png", shown["bytes"])
    assert "sandbox" in (given.getheader("Content-Security-Policy") or "")


def test_the_snippet_of_a_width_is_the_image_in_several_widths(server: ConsoleServer) -> None:
    snippet = fetch(server, "/public/a.jpg?width=640")["snippet"]
    assert snippet.startswith("<img")
    assert 'width="640"' in snippet


def test_an_image_that_needs_a_signature_is_signed_and_the_key_stays_on_the_server(server: ConsoleServer) -> None:
    # Not a query: the URL of a function takes a parameter `signature` for AWS's own.
    shown = fetch(server, "/unsafe/100x0/public/a.jpg", form="thumbor")
    assert (shown["status"], shown["isSigned"]) == (200, True)
    assert re.search(r"/[A-Za-z0-9_-]{43}/100x0/public/a\.jpg\?kid=1$", shown["url"])
    assert FIRST_KEY not in json.dumps(shown)
    assert FIRST_KEY not in json.dumps(answer(ask(server, "/api/deliveries")))


def test_every_image_is_signed_if_the_delivery_wants_that(server: ConsoleServer) -> None:
    assert fetch(server, "/public/a.jpg?width=640", name="Strict/Cdn")["isSigned"]


def test_a_url_that_is_signed_already_is_fetched_as_it_is(server: ConsoleServer) -> None:
    shown = fetch(server, f"/public/a.jpg?kid=old&signature={'a' * 43}&width=100")
    assert (shown["isSigned"], "kid=old" in shown["url"]) == (True, True)


def test_what_is_copied_has_the_address_on_this_machine(server: ConsoleServer, emulator: Emulator) -> None:
    aws = "https://d1abc.cloudfront.net"
    deploy_delivery(emulator.endpoints, stack="Local", url=aws, sources=SOURCES)
    local = emulator.endpoints.viewer_url(aws)
    for text in ("/public/a.jpg?width=640", f"{aws}/public/a.jpg?width=640", f"{local}/public/a.jpg?width=640\n"):
        assert fetch(server, text, name="Local/Cdn")["url"] == f"{local}/public/a.jpg?width=640"


def test_a_whole_url_of_the_delivery_can_be_fetched(server: ConsoleServer) -> None:
    base = delivery(server)["url"]
    assert fetch(server, f"{base}/public/a.jpg?width=640", form="json")["url"] == f"{base}/public/a.jpg?width=640"
    assert "error" in fetch(server, f"{base}.evil.example/public/a.jpg")


def test_a_redirect_to_a_large_image_is_followed(server: ConsoleServer) -> None:
    assert fetch(server, "/public/large.jpg?width=640")["width"] == 640


def test_a_redirect_to_another_host_is_not_followed(server: ConsoleServer) -> None:
    shown = fetch(server, "/public/away.jpg?width=640")
    assert (shown["status"], shown["error"]) == (302, "The delivery answered 302 and gave no reason.")


def test_a_refusal_is_a_sentence(server: ConsoleServer) -> None:
    shown = fetch(server, "/public/none.jpg?width=640")
    assert (shown["status"], shown["picture"], shown["snippet"]) == (404, None, None)
    assert shown["error"] == "There is no such image. (key)"
    assert len(shown["fetches"]) == 1


def test_it_is_said_whether_the_result_was_stored_before(server: ConsoleServer, emulator: Emulator) -> None:
    target = "/public/stored.jpg?width=640"
    key = result_key(
        split_target(target),
        bucket="photos",
        accepted=AcceptedType.PLAIN,
        presets_with_type=settings().presets_with_type,
        generation=settings().generation,
    )
    assert [it["wasStored"] for it in fetch(server, target)["fetches"]] == [False, False]
    emulator.endpoints.s3.put_object(Bucket="results", Key=key, Body=b"1")
    assert [it["wasStored"] for it in fetch(server, target)["fetches"]] == [True, True]


@pytest.mark.parametrize(
    "text", ["https://evil.example/a.jpg", "//evil.example/a.jpg", "/\\evil.example", "@evil.example/", ""]
)
def test_no_text_chooses_the_host_that_is_asked(server: ConsoleServer, text: str) -> None:
    assert "error" in fetch(server, text)


def test_a_delivery_without_https_is_not_asked(emulator: Emulator) -> None:
    with pytest.raises(UserError, match="does not begin with https://"):
        fetch_from(emulator.endpoints, base="file:///etc", target="/hostname", accepted=AcceptedType.PLAIN)


def test_a_delivery_that_is_not_deployed_is_not_asked(server: ConsoleServer) -> None:
    query = urlencode({"delivery": "https://evil.example", "form": "query", "accept": "plain"})
    assert ask(server, f"/api/delivery/fetch?{query}", method="POST", body=b"/a.jpg").status == 404


def test_another_origin_cannot_fetch(server: ConsoleServer) -> None:
    path = address(server, "/api/delivery/fetch", form="query", accept="plain")
    for origin in ("http://evil.example", None):
        assert ask(server, path, method="POST", body=b"/a.jpg", Origin=origin).status == 403
    assert ask(server, path, method="GET").status == 405


def test_a_request_is_written_in_the_form_that_is_asked_for(server: ConsoleServer) -> None:
    path = address(server, "/api/delivery/request", source="1", key="a.jpg", form="thumbor", width="300")
    assert answer(ask(server, path))["text"] == "/unsafe/fit-in/300x0/filters:no_upscale()/s3:scans/a.jpg"


def test_wrong_values_of_controls_are_reported(server: ConsoleServer) -> None:
    path = address(server, "/api/delivery/request", source="0", key="a.jpg", form="thumbor", width="x")
    assert ask(server, path).status == 400


@pytest.mark.parametrize(
    ("source", "key", "status"),
    [
        ("0", "public/a.jpg", 200),
        ("0", "private/b.jpg", 404),
        ("0", "public/none.jpg", 404),
        ("2", "a.jpg", 404),
        ("-1", "a.jpg", 404),
    ],
)
def test_only_sources_of_the_delivery_are_shown(server: ConsoleServer, source: str, key: str, status: int) -> None:
    assert ask(server, address(server, "/delivery/original", source=source, key=key)).status == status


def test_the_original_of_an_upload_is_the_rendition_that_its_workflow_has_published(
    server: ConsoleServer, emulator: Emulator
) -> None:
    publish(emulator.endpoints, key="park/photo.jpg", rendition="private/b.jpg")
    deploy_delivery(emulator.endpoints, stack="Uploads", sources=SOURCES[:1], records=RECORDS)
    query = {"name": "Uploads/Cdn", "source": "0"}
    assert delivery(server, "Uploads/Cdn")["sources"][0]["areUploads"]
    assert ask(server, address(server, "/delivery/original", key="park/photo.jpg", **query)).status == 200
    assert ask(server, address(server, "/delivery/original", key="private/b.jpg", **query)).status == 404
    assert answer(ask(server, address(server, "/api/delivery/images", **query)))["images"] == []


def test_images_are_listed_in_pages_without_other_files(server: ConsoleServer, emulator: Emulator) -> None:
    keys = [f"{number:03}.jpg" for number in range(PAGE)] + ["a page.html", "no-extension"]
    for key in keys:
        emulator.endpoints.s3.put_object(Bucket="scans", Key=key, Body=b"1")
    emulator.endpoints.s3.put_object(Bucket="scans", Key="folder/", Body=b"")
    first = answer(ask(server, address(server, "/api/delivery/images", source="1")))
    assert ([it["key"] for it in first["images"]], first["next"]) == (keys[:PAGE], keys[PAGE - 1])
    rest = answer(ask(server, address(server, "/api/delivery/images", source="1", after=first["next"])))
    assert rest == {"images": [{"key": "no-extension", "bytes": 1}], "next": None}


def test_only_keys_with_the_prefix_of_a_source_are_listed(server: ConsoleServer) -> None:
    listed = answer(ask(server, address(server, "/api/delivery/images", source="0")))
    assert [it["key"] for it in listed["images"]] == ["public/a.jpg"]


def test_old_results_are_forgotten(server: ConsoleServer) -> None:
    names = [fetch(server, "/public/a.jpg?width=640")["picture"] for _ in range(5)]
    assert [ask(server, f"/delivery/result?name={name}").status for name in names] == [404, *[200] * 4]


def test_the_page_is_served(server: ConsoleServer) -> None:
    given = ask(server, "/delivery")
    assert (given.status, b"delivery.js" in given.read()) == (200, True)
    assert ask(server, "/delivery", Cookie=None).status == 403
