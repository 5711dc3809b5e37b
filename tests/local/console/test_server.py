import http.client
import io
import json
import re
import socket
from collections.abc import Iterator
from urllib.parse import urlencode

import pytest
from PIL import Image
from tests.local.console.serving import answer, ask, served
from tests.local.emulator_clients import wait_until
from tests.local.small_workflow import deploy_small_workflow, start, wait_until_ended

from safelight_local.aws.deployment import DeployedWorkflow
from safelight_local.console.api import Api
from safelight_local.console.server import ConsoleServer
from safelight_local.emulator.process import Emulator
from safelight_local.errors import UserError

NAME = "Served.Workflow"


@pytest.fixture(scope="module", autouse=True)
def workflow(emulator: Emulator) -> DeployedWorkflow:
    return deploy_small_workflow(emulator.endpoints, stack="Served")


@pytest.fixture
def server(emulator: Emulator) -> Iterator[ConsoleServer]:
    yield from served(Api(emulator.endpoints, stack=None, may_upload=True))


@pytest.fixture
def read_only(emulator: Emulator) -> Iterator[ConsoleServer]:
    yield from served(Api(emulator.endpoints, stack=None, may_upload=False))


def test_the_address_that_is_printed_gives_the_page_and_leaves_no_token_in_the_address_bar(
    server: ConsoleServer,
) -> None:
    first = ask(server, server.url.partition(str(server.guard.port))[2], Cookie=None)
    assert (first.status, first.getheader("Location")) == (303, "/")
    cookie = first.getheader("Set-Cookie") or ""
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    page = ask(server, "/", Cookie=cookie.partition(";")[0])
    assert (page.status, page.getheader("Content-Type")) == (200, "text/html; charset=utf-8")


def test_a_request_without_the_token_is_rejected(server: ConsoleServer) -> None:
    for path in ("/", "/api/start", "/page/main.js", "/picture", "/?token=wrong"):
        refused = ask(server, path, Cookie=None)
        assert (refused.status, b"Open the address" in refused.read()) == (403, True)
    assert ask(server, "/api/start", Cookie=f"{server.guard.cookie}=wrong").status == 403
    assert ask(server, "/api/start", Cookie="a=b; ;=;").status == 403


def test_requests_of_other_origins_are_rejected(server: ConsoleServer) -> None:
    for origin in ("http://evil.example", "null", "http://127.0.0.1:1", f"https://127.0.0.1:{server.guard.port}"):
        assert ask(server, "/api/start", Origin=origin).status == 403
        assert ask(server, f"/api/older?workflow={NAME}", method="POST", Origin=origin).status == 403
    assert ask(server, "/api/start", origin="http://evil.example").status == 403
    assert ask(server, "/api/start", Sec_Fetch_Site="cross-site").status == 403
    assert ask(server, "/api/start", Sec_Fetch_Site="same-site").status == 403


def test_a_post_without_an_origin_is_rejected(server: ConsoleServer) -> None:
    assert ask(server, f"/api/older?workflow={NAME}", method="POST", Origin=None).status == 403
    assert ask(server, f"/api/older?workflow={NAME}", method="POST").status == 200


def test_another_host_name_is_rejected(server: ConsoleServer) -> None:
    for host in ("evil.example", f"evil.example:{server.guard.port}", "127.0.0.1", "localhost.evil.example", None):
        assert ask(server, "/api/start", Host=host or "").status == 403
    assert ask(server, "/api/start", Host=f"localhost:{server.guard.port}").status == 200


def test_the_server_listens_on_loopback_only(server: ConsoleServer) -> None:
    assert server.server_address[0] == "127.0.0.1"
    with socket.socket() as probe:
        # Another loopback address of this machine, where a server for all addresses would answer.
        assert probe.connect_ex(("127.0.0.2", server.guard.port)) != 0


def test_every_response_is_uncached_and_allows_no_external_script(server: ConsoleServer) -> None:
    for path in ("/", "/page/main.js", "/api/start", "/none", "/picture?name=upload"):
        given = ask(server, path)
        assert given.getheader("Cache-Control") == "no-store"
        assert given.getheader("X-Content-Type-Options") == "nosniff"
        policy = given.getheader("Content-Security-Policy") or ""
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy


def test_no_path_leaves_the_page_s_folder(server: ConsoleServer) -> None:
    for path in ("/page/../server.py", "/page/%2e%2e/server.py", "/page//etc/passwd", "/page/", "/page/none.js"):
        assert ask(server, path).status == 404


def test_missing_and_unknown_members_are_reported(server: ConsoleServer) -> None:
    assert ask(server, "/api/executions").status == 400
    assert ask(server, f"/api/executions?workflow={NAME}&since=x").status == 400
    assert ask(server, "/api/executions?workflow=None").status == 404
    arn = "arn:aws:states:us-east-1:000000000000:execution:none:none"
    assert ask(server, f"/api/execution?workflow={NAME}&arn={arn}").status == 404


def test_an_execution_is_shown_with_its_states_and_its_graph(
    server: ConsoleServer, emulator: Emulator, workflow: DeployedWorkflow
) -> None:
    arn = start(emulator.endpoints, workflow=workflow, key="park/broken.jpg")
    wait_until_ended(emulator.endpoints, arn=arn)
    shown = answer(ask(server, f"/api/execution?{urlencode({'workflow': NAME, 'arn': arn})}"))
    assert [(it["state"], it["status"]) for it in shown["visits"]] == [
        ("Look", "passed"),
        ("Broken?", "passed"),
        ("Broken", "failed"),
    ]
    assert json.loads(shown["visits"][0]["input"])["detail"]["object"]["key"] == "park/broken.jpg"
    assert (shown["error"], shown["cause"], shown["links"]) == ("Broken", "The key says so.", [])
    svg = answer(ask(server, f"/api/diagram?name={shown['diagram']}"))["svg"]
    assert 'data-state="Broken"' in svg
    assert "<style" not in svg


def test_an_execution_that_somebody_started_by_hand_is_shown_without_an_upload(
    server: ConsoleServer, emulator: Emulator, workflow: DeployedWorkflow
) -> None:
    started = emulator.endpoints.stepfunctions.start_execution(stateMachineArn=workflow.state_machine_arn, input="[1]")
    arn = started["executionArn"]
    wait_until_ended(emulator.endpoints, arn=arn)
    shown = answer(ask(server, f"/api/execution?{urlencode({'workflow': NAME, 'arn': arn})}"))
    assert (shown["key"], shown["pictures"], shown["record"]) == (None, [], None)


def test_an_express_workflow_says_why_it_lists_nothing(server: ConsoleServer, emulator: Emulator) -> None:
    deploy_small_workflow(emulator.endpoints, stack="Quick", machine_type="EXPRESS")
    assert "Express" in answer(ask(server, "/api/workflow?workflow=Quick.Workflow"))["note"]
    assert answer(ask(server, f"/api/workflow?workflow={NAME}"))["note"] is None


def test_the_bytes_of_an_upload_decide_its_content_type(
    server: ConsoleServer, emulator: Emulator, workflow: DeployedWorkflow
) -> None:
    photo = io.BytesIO()
    Image.new("RGB", (8, 6), "teal").save(photo, "PNG")
    bodies = {
        "photo.html": (photo.getvalue(), "text/html", 200),
        "page.jpg": (b"<script>alert(1)</script>", "image/jpeg", 404),
        "drawing.svg": (b'<svg xmlns="http://www.w3.org/2000/svg"/>', "image/svg+xml", 404),
        "photo.heic": (b"\0\0\0\x18ftypheic\0\0\0\0heic", "image/heic", 404),
    }
    for name, (body, content_type, status) in bodies.items():
        key = f"park/{name}"
        emulator.endpoints.s3.put_object(Bucket=workflow.upload_bucket, Key=key, Body=body, ContentType=content_type)
        given = picture_of(server, emulator, workflow, key=key)
        assert given.status == status, name
        if status == 200:
            assert given.getheader("Content-Type") == "image/png"
            assert "sandbox" in (given.getheader("Content-Security-Policy") or "")
            assert given.read() == body


def test_a_missing_upload_is_reported(server: ConsoleServer, emulator: Emulator, workflow: DeployedWorkflow) -> None:
    given = picture_of(server, emulator, workflow, key="park/gone.jpg")
    assert (given.status, given.read()) == (404, b"no longer there")


def test_an_upload_in_quarantine_is_shown_from_there_with_its_bucket_and_key(
    server: ConsoleServer, emulator: Emulator, workflow: DeployedWorkflow
) -> None:
    bucket, key = workflow.quarantine_bucket, "park/quarantined.jpg"
    assert bucket is not None
    colours = {}
    for colour in ("teal", "tan"):
        photo = io.BytesIO()
        Image.new("RGB", (8, 6), colour).save(photo, "PNG")
        emulator.endpoints.s3.put_object(Bucket=bucket, Key=key, Body=photo.getvalue())
        colours[run(emulator, workflow, key=key, upload="QUARANTINE")] = photo.getvalue()
    for arn, body in colours.items():
        shown = answer(ask(server, f"/api/execution?{urlencode({'workflow': NAME, 'arn': arn})}"))
        assert shown["pictures"][0]["note"] == f"Moved to quarantine: s3://{bucket}/{key}"
        assert ask(server, f"/picture?{urlencode({'arn': arn, 'name': 'upload'})}").read() == body


@pytest.mark.parametrize(
    ("upload", "note"), [("DELETE", "Deleted, because it was rejected"), ("KEEP", None), (None, None)]
)
def test_an_upload_that_is_not_in_quarantine_says_whether_it_was_deleted(
    server: ConsoleServer, emulator: Emulator, workflow: DeployedWorkflow, upload: str | None, note: str | None
) -> None:
    arn = run(emulator, workflow, key="park/removed.jpg", upload=upload)
    shown = answer(ask(server, f"/api/execution?{urlencode({'workflow': NAME, 'arn': arn})}"))
    assert [it["note"] for it in shown["pictures"]] == [note]


def run(emulator: Emulator, workflow: DeployedWorkflow, *, key: str, upload: str | None = None) -> str:
    """Run an execution that says what it did with its upload. Returns its ARN."""
    answered = {} if upload is None else {"upload": upload, "removed": []}
    arn = start(emulator.endpoints, workflow=workflow, key=key, answer=answered)
    wait_until_ended(emulator.endpoints, arn=arn)
    return arn


def picture_of(
    server: ConsoleServer, emulator: Emulator, workflow: DeployedWorkflow, *, key: str
) -> http.client.HTTPResponse:
    arn = run(emulator, workflow, key=key)
    ask(server, f"/api/execution?{urlencode({'workflow': NAME, 'arn': arn})}").read()
    return ask(server, f"/picture?{urlencode({'arn': arn, 'name': 'upload'})}")


@pytest.mark.parametrize(("outcome", "status"), [("PUBLISHED", 200), ("REJECTED", 404), ("FAILED", 404)])
def test_the_list_gives_the_thumbnail_of_a_published_upload_and_no_other_picture(
    server: ConsoleServer, emulator: Emulator, workflow: DeployedWorkflow, outcome: str, status: int
) -> None:
    key, photo = f"park/listed-{outcome}.jpg", io.BytesIO()
    Image.new("RGB", (8, 6), "teal").save(photo, "PNG")
    for bucket in (workflow.upload_bucket, workflow.published_bucket):
        emulator.endpoints.s3.put_object(Bucket=bucket, Key=key, Body=photo.getvalue())
    arn = start(emulator.endpoints, workflow=workflow, key=key)
    renditions = [{"M": {"name": {"S": name}, "key": {"S": key}, "bytes": {"N": "70"}}} for name in ("tile", "scaled")]
    emulator.endpoints.dynamodb.put_item(
        TableName=workflow.records_table,
        Item={
            "pk": {"S": f"IMAGE#{workflow.workflow_id}#{key}"},
            "sk": {"S": f"UPLOAD#{'01':0>32}"},
            "status": {"S": outcome},
            "executionArn": {"S": arn},
            "renditions": {"L": renditions},
        },
    )
    wait_until_ended(emulator.endpoints, arn=arn)
    wait_until_listed(server, arn=arn)
    statuses = {
        name: ask(server, f"/picture?{urlencode({'arn': arn, 'name': name})}").status
        for name in ("rendition/tile", "rendition/scaled", "upload", "analysis")
    }
    assert statuses == {"rendition/tile": status, "rendition/scaled": 404, "upload": 404, "analysis": 404}
    assert ask(server, f"/picture?{urlencode({'arn': arn, 'name': 'rendition/tile'})}", Cookie=None).status == 403


def wait_until_listed(server: ConsoleServer, *, arn: str) -> None:
    wait_until(
        lambda: any(
            row["arn"] == arn and row["read"] and row["stopped"]
            for row in answer(ask(server, f"/api/executions?workflow={NAME}"))["rows"]
        )
    )


def test_only_objects_of_an_execution_can_be_requested(server: ConsoleServer) -> None:
    assert ask(server, "/picture?arn=a&name=upload").status == 404


def upload(server: ConsoleServer, *, name: str, place_type: str = "park") -> http.client.HTTPResponse:
    query = urlencode({"workflow": NAME, "name": name, "placeType": place_type})
    return ask(server, f"/api/uploads?{query}", method="POST", body=b"bytes")


def test_a_dropped_file_is_uploaded_to_a_place_of_the_type_that_was_chosen(
    server: ConsoleServer, emulator: Emulator, workflow: DeployedWorkflow
) -> None:
    given = answer(upload(server, name="C:\\photos\\../a b + ü.jpg", place_type="swimming pool"))
    assert given["key"] == "console-swimming-pool/a b + ü.jpg"
    found = emulator.endpoints.s3.get_object(Bucket=workflow.upload_bucket, Key=given["key"])
    assert found["Body"].read() == b"bytes"
    listing = emulator.endpoints.dynamodb.get_item(
        TableName=workflow.records_table,
        Key={"pk": {"S": "PLACE#console-swimming-pool"}, "sk": {"S": "LISTING"}},
    )["Item"]
    assert listing["placeType"]["S"] == "swimming pool"


def test_an_existing_listing_is_not_changed(server: ConsoleServer) -> None:
    assert upload(server, name="a.jpg", place_type="a/b").status == 200
    refused = upload(server, name="a.jpg", place_type="a b")
    assert (refused.status, "has another type" in answer(refused)["error"]) == (409, True)


def test_a_file_without_a_name_or_a_type_is_rejected(server: ConsoleServer) -> None:
    assert upload(server, name="").status in (400, 409)
    assert upload(server, name="a/").status == 409
    assert upload(server, name="a.jpg", place_type="/").status == 409


def test_too_large_a_file_is_rejected_unread(server: ConsoleServer) -> None:
    query = urlencode({"workflow": NAME, "name": "a.jpg", "placeType": "park"})
    refused = ask(server, f"/api/uploads?{query}", method="POST", Content_Length=str(10**12))
    assert refused.status == 413


def test_a_read_only_console_accepts_no_file(read_only: ConsoleServer) -> None:
    assert answer(ask(read_only, "/api/start"))["mayUpload"] is False
    refused = upload(read_only, name="a.jpg")
    assert (refused.status, "--allow-upload" in answer(refused)["error"]) == (409, True)


def test_a_port_in_use_is_reported(server: ConsoleServer, emulator: Emulator) -> None:
    with pytest.raises(UserError, match="choose another with --port"):
        ConsoleServer(Api(emulator.endpoints, stack=None, may_upload=True), port=server.guard.port)


@pytest.mark.parametrize("page", ["index.html", "delivery.html", "redactions.html"])
def test_a_page_takes_less_than_100_kilobytes(server: ConsoleServer, page: str) -> None:
    text = ask(server, f"/page/{page}").read()
    parts = sorted(set(re.findall(r'(?:href|src)="(/page/[^"]+)"', text.decode())))
    answers = [ask(server, part) for part in parts]
    assert {it.status for it in answers} == {200}
    assert len(text) + sum(len(it.read()) for it in answers) < 100_000
