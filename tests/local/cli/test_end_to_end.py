import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.local.command_line import environment, pids, safelight, servers_of, start

from safelight_local.samples import Samples, write_samples

APP = """
from aws_cdk import App, Stack
from safelight import ImageWorkflow
app = App()
ImageWorkflow(Stack(app, "Mine"), "Photos", key_prefix="incoming/")
app.synth()
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A deployed CDK app of a user."""
    folder = tmp_path_factory.mktemp("project")
    (folder / "app.py").write_text(APP)
    done = safelight(folder, "up", "--app", f"{sys.executable} app.py")
    try:
        assert done.returncode == 0, done
        yield folder
    finally:
        safelight(folder, "down")


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> Samples:
    return write_samples(tmp_path_factory.mktemp("samples"))


def row(output: str, key: str) -> str:
    return next(line for line in output.splitlines() if line.startswith(key))


def test_images_are_uploaded_and_reported_one_per_row(project: Path, samples: Samples) -> None:
    done = safelight(project, "run", str(samples.odd_name), str(samples.small), str(samples.text))
    assert done.returncode == 0, done
    published = row(done.stdout, "incoming/park/café + crème 100%.jpg")
    assert "PUBLISHED" in published
    assert "tile 400x400" in published
    assert "IMAGE_TOO_SMALL" in row(done.stdout, "incoming/park/small.jpg")
    assert "UNREADABLE_IMAGE" in row(done.stdout, "incoming/park/notes.jpg")


def test_the_place_type_chooses_the_route(project: Path, samples: Samples) -> None:
    done = safelight(project, "run", str(samples.person), "--place-type", "restaurant")
    assert "NO_PEOPLE_ALLOWED" in row(done.stdout, "incoming/restaurant/astronaut.jpg"), done


def test_a_place_without_a_listing_stays_without_one(project: Path, samples: Samples) -> None:
    done = safelight(project, "run", str(samples.landscape), "--place", "nowhere")
    assert "PLACE_NOT_FOUND" in row(done.stdout, "incoming/nowhere/coffee.jpg"), done


def test_one_file_given_twice_has_two_executions(project: Path, samples: Samples) -> None:
    done = safelight(project, "run", str(samples.small), str(samples.small), "--place", "twice")
    rows = [line for line in done.stdout.splitlines() if line.startswith("incoming/twice/small.jpg")]
    assert len(rows) == 2, done
    assert all("PLACE_NOT_FOUND" in line for line in rows), done


def test_an_execution_is_listed_and_shown(project: Path, samples: Samples) -> None:
    safelight(project, "run", str(samples.sideways), "--place-type", "park", "--place", "shown")
    listed = safelight(project, "executions").stdout
    line = next(line for line in listed.splitlines() if "incoming/shown/sideways-cat.jpg" in line)
    assert line.startswith("PUBLISHED")
    name = line.split()[-1]
    shown = safelight(project, "show", name).stdout
    assert "PUBLISHED" in shown
    assert "Prepare" in shown
    assert "moderation  accepted" in shown
    assert re.search(r"incoming/shown/sideways-cat.jpg/[0-9a-f]{32}/scaled.jpg", shown)
    assert "600 x 800" in shown


def test_an_execution_is_found_by_the_beginning_of_its_name_and_by_the_key_of_its_upload(
    project: Path, samples: Samples
) -> None:
    done = safelight(project, "run", str(samples.small), "--place", "found", "--place-type", "park", "--json")
    (uploaded,) = json.loads(done.stdout)
    assert (uploaded["outcome"], uploaded["reason"]) == ("REJECTED", "IMAGE_TOO_SMALL")
    for named in (uploaded["execution"][:13], uploaded["key"]):
        shown = json.loads(safelight(project, "show", named, "--json").stdout)
        assert shown == uploaded
    listed = json.loads(safelight(project, "executions", "--json").stdout)
    assert {"key": uploaded["key"], "outcome": "REJECTED", "reason": "IMAGE_TOO_SMALL"}.items() <= listed[0].items()


def test_the_variables_of_the_emulator_are_enough_for_an_aws_sdk(project: Path) -> None:
    variables = json.loads(safelight(project, "env", "--json").stdout)
    source = "import boto3; print(*(it['Name'] for it in boto3.client('s3').list_buckets()['Buckets']))"
    done = subprocess.run(
        [sys.executable, "-c", source],
        env=variables | {"PATH": os.defpath},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "mine-photosuploads" in done.stdout, done


def test_a_shell_has_the_variables_after_eval(project: Path) -> None:
    lines = safelight(project, "env").stdout
    done = subprocess.run(
        ["sh", "-c", f"{lines}\nenv"], env={"PATH": os.defpath}, capture_output=True, text=True, check=True
    )
    variables = json.loads(safelight(project, "env", "--json").stdout)
    assert {f"{name}={value}" for name, value in variables.items()} <= set(done.stdout.splitlines())


def test_a_shell_has_no_profile_or_token_of_the_user_after_eval(project: Path) -> None:
    own = {"AWS_PROFILE": "of-the-user", "AWS_SESSION_TOKEN": "t", "AWS_ENDPOINT_URL_S3": "https://s3.example"}
    lines = safelight(project, "env", env=environment() | own).stdout
    done = subprocess.run(
        ["sh", "-c", f"{lines}\nenv"],
        env=own | {"PATH": os.defpath, "AWS_PAGER": "less"},
        capture_output=True,
        text=True,
        check=True,
    )
    left = {line.partition("=")[0] for line in done.stdout.splitlines()}
    assert left.isdisjoint(own)
    assert "AWS_PAGER" in left


def test_fish_has_its_own_form_of_the_variables(project: Path) -> None:
    lines = safelight(project, "env", "--shell", "fish").stdout
    assert "set -e AWS_PROFILE\n" in lines
    assert "set -gx AWS_REGION 'us-east-1'\n" in lines


def test_the_aws_cli_gets_its_arguments_and_the_address_of_the_emulator(project: Path, tmp_path: Path) -> None:
    fake = tmp_path / "aws"
    fake.write_text('#!/bin/sh\necho "$@" "$AWS_ENDPOINT_URL" "$AWS_PROFILE"\nexit 7\n')
    fake.chmod(0o755)
    env = environment() | {"PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}"}
    done = safelight(project, "aws", "s3", "ls", "--help", env=env)
    url = json.loads(safelight(project, "env", "--json").stdout)["AWS_ENDPOINT_URL"]
    assert (done.returncode, done.stdout) == (7, f"s3 ls --help {url} \n")


def test_a_missing_aws_cli_is_reported_with_what_to_do(project: Path, tmp_path: Path) -> None:
    done = safelight(project, "aws", "s3", "ls", env=environment() | {"PATH": str(tmp_path)})
    assert (done.returncode, len(done.stderr.splitlines())) == (2, 1)
    assert "the AWS CLI is missing: install it" in done.stderr


def test_the_logs_have_the_lines_of_each_function_with_its_name(project: Path, samples: Samples) -> None:
    safelight(project, "run", str(samples.sideways), "--place", "logged", "--place-type", "park")
    lines = [json.loads(line) for line in safelight(project, "logs", "--json").stdout.splitlines()]
    of_upload = [it for it in lines if "incoming/logged/sideways-cat.jpg" in it["message"]]
    assert {"Prepare", "Moderation", "Render", "Publish"} <= {it["writer"] for it in of_upload}
    assert [it["time"] for it in lines] == sorted(it["time"] for it in lines)
    shown = safelight(project, "logs").stdout
    assert re.search(r"^\d\d:\d\d:\d\d\.\d{3} Prepare +\{.*incoming/logged/", shown, re.MULTILINE)


def test_followed_logs_show_what_comes_later(project: Path, samples: Samples) -> None:
    following = start(project, "logs", "-f", "--json", env=environment() | {"PYTHONUNBUFFERED": "1"})
    try:
        safelight(project, "run", str(samples.landscape), "--place", "followed", "--place-type", "park")
        assert following.stdout is not None
        assert any("incoming/followed/coffee.jpg" in line for line in following.stdout)
    finally:
        following.send_signal(signal.SIGINT)
        _, err = following.communicate(timeout=300)
    assert (following.returncode, err) == (0, "")


def test_an_unknown_execution_or_workflow_is_reported(project: Path, samples: Samples) -> None:
    unknown = safelight(project, "show", "none")
    assert (unknown.returncode, "there is no execution none" in unknown.stderr) == (2, True)
    other = safelight(project, "run", str(samples.small), "--workflow", "Scans")
    assert (other.returncode, "Mine.Photos" in other.stderr) == (2, True)


def test_a_second_up_deploys_again_and_starts_nothing(project: Path) -> None:
    before = pids(project)
    again = safelight(project, "up", "--app", f"{sys.executable} app.py")
    assert again.returncode == 0, again
    assert "The emulator is already running" in again.stdout
    assert pids(project) == before


def test_a_failed_deployment_leaves_running_services_running(project: Path) -> None:
    before = pids(project)
    failed = safelight(project, "up", "--app", f"{sys.executable} -c \"raise ValueError('no')\"")
    assert (failed.returncode, len(failed.stderr.splitlines())) == (2, 1)
    assert pids(project) == before
    assert safelight(project, "executions").returncode == 0


def test_a_dead_emulator_is_reported_and_the_rest_is_stopped(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(APP)
    assert safelight(tmp_path, "up", "--app", f"{sys.executable} app.py").returncode == 0
    os.kill(pids(tmp_path)[0], signal.SIGKILL)
    told = safelight(tmp_path, "executions")
    assert told.returncode == 2
    assert "the emulator has stopped by itself" in told.stderr
    assert "start again with `safelight up`" in told.stderr
    assert len(told.stderr.splitlines()) == 1
    assert servers_of(tmp_path) == []


def test_down_stops_everything_that_up_started(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(APP)
    assert safelight(tmp_path, "up", "--app", f"{sys.executable} app.py").returncode == 0
    assert servers_of(tmp_path) != []
    assert safelight(tmp_path, "down").returncode == 0
    assert servers_of(tmp_path) == []
