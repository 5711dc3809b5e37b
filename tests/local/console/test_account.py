"""The console of a real account, which boto3's settings point at the emulator."""

import json
import os
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any

import pytest
from tests.local.command_line import safelight, start
from tests.local.small_workflow import deploy_small_workflow, wait_until_ended
from tests.local.small_workflow import start as start_execution

from safelight_local.aws.deployment import DeployedWorkflow
from safelight_local.aws.executions import Execution, describe
from safelight_local.console.links import console_links
from safelight_local.emulator.endpoints import ACCOUNT
from safelight_local.emulator.process import Emulator


@pytest.fixture(scope="module")
def workflow(emulator: Emulator) -> DeployedWorkflow:
    deploy_small_workflow(emulator.endpoints, stack="Others")
    return deploy_small_workflow(emulator.endpoints, stack="Real")


@pytest.fixture(scope="module")
def execution(emulator: Emulator, workflow: DeployedWorkflow) -> Execution:
    arn = start_execution(emulator.endpoints, workflow=workflow, key="park/a b&c.jpg")
    wait_until_ended(emulator.endpoints, arn=arn)
    found = describe(emulator.endpoints, arn=arn)
    assert found is not None
    return found


@contextmanager
def console_of(emulator: Emulator, folder: Path, *arguments: str) -> Iterator[Callable[[str], Any]]:
    """Start a console, and return a function that sends requests to it."""
    env = emulator.endpoints.environment() | {"PYTHONUNBUFFERED": "1"}
    console = start(folder, "console", "--no-browser", *arguments, env=env)
    try:
        assert console.stdout is not None
        url = next(line.strip() for line in console.stdout if line.startswith("http"))
        opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPCookieProcessor(CookieJar())
        )
        opener.open(url).close()
        yield lambda path: json.load(opener.open(url.partition("?")[0] + path))
    finally:
        console.terminate()
        console.communicate(timeout=300)


def test_a_console_of_an_account_names_it_and_is_read_only(
    emulator: Emulator, execution: Execution, tmp_path: Path
) -> None:
    with console_of(emulator, tmp_path, "--region", "us-east-1", "--stack", "Real") as ask:
        start_page = ask("api/start")
        shown = ask(f"api/execution?workflow=Real.Workflow&arn={execution.arn}")
    assert start_page["account"] == {"number": ACCOUNT, "region": "us-east-1"}
    assert start_page["mayUpload"] is False
    assert start_page["workflows"] == ["Real.Workflow"]
    assert [link["label"] for link in shown["links"]] == ["Execution", "Table", "Upload"]


def test_a_console_of_an_account_accepts_uploads_if_allowed(
    emulator: Emulator, workflow: DeployedWorkflow, tmp_path: Path
) -> None:
    with console_of(emulator, tmp_path, "--stack", workflow.stack, "--allow-upload") as ask:
        assert ask("api/start")["mayUpload"] is True


def test_links_lead_to_the_console_of_the_region_with_keys_quoted(
    execution: Execution, workflow: DeployedWorkflow
) -> None:
    links = dict(console_links(execution, workflow=workflow))
    assert links["Execution"].startswith("https://us-east-1.console.aws.amazon.com/states/home?region=us-east-1#/v2/")
    assert links["Execution"].endswith(execution.arn)
    assert links["Upload"].endswith("/s3/object/real-uploads?region=us-east-1&prefix=park%2Fa%20b%26c.jpg")


def test_an_unreachable_account_is_reported_in_one_line(tmp_path: Path) -> None:
    nothing = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    nowhere = {"AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull}
    env = nothing | nowhere | {"AWS_EC2_METADATA_DISABLED": "true"}
    without_region = safelight(tmp_path, "console", "--stack", "Photos", env=env)
    assert (without_region.returncode, "--region" in without_region.stderr) == (2, True)
    for arguments in (["--region", "us-east-1"], ["--profile", "of-nobody"]):
        done = safelight(tmp_path, "console", *arguments, env=env)
        assert (done.returncode, len(done.stderr.splitlines())) == (2, 1), done


def test_uploads_are_allowed_to_an_account_and_not_to_this_machine(tmp_path: Path) -> None:
    done = safelight(tmp_path, "console", "--allow-upload")
    assert (done.returncode, "real account" in done.stderr) == (2, True)


def test_the_console_without_a_deployment_says_to_run_up(tmp_path: Path) -> None:
    done = safelight(tmp_path, "console", "--no-browser")
    assert (done.returncode, "run `safelight up` first" in done.stderr) == (2, True)
