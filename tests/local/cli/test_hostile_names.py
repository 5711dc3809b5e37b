"""Every command escapes hostile names and reasons of uploads."""

import json
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from tests.local.command_line import deployed, safelight
from tests.local.emulator_clients import wait_until

from safelight_local.aws.deployment import DeployedWorkflow, deployed_workflows
from safelight_local.aws.executions import describe, execution_statuses
from safelight_local.emulator.endpoints import Endpoints

APP = """
from pathlib import Path
from aws_cdk import App, RemovalPolicy, Stack
from safelight import ImageWorkflow
app = App()
ImageWorkflow(Stack(app, "Mine"), "Photos", definition=Path("TINY"), removal_policy=RemovalPolicy.DESTROY)
app.synth()
"""
TINY = Path(__file__).with_name("tiny.asl.json")

# A title of the terminal's window, a colour, an override that turns the rest around, and rich's markup.
HOSTILE = "a\x1b]0;mine\x07\x9b31m\u202egpj.exe\u2066[red]x:smile:.jpg"
SHOWN = r"a\x1b]0;mine\x07\x9b31m\u202egpj.exe\u2066[red]x:smile:.jpg"
KEY = f"park/{HOSTILE}"
NO_SHAPE = ("Cc", "Cf", "Cs", "Zl", "Zp")


@dataclass(frozen=True, kw_only=True)
class Stage:
    """A workflow with one upload with a hostile name and reason."""

    project: Path
    aws: Endpoints
    workflow: DeployedWorkflow
    execution: str

    def shows(self, *arguments: str) -> str:
        """Run a command, check that its output has no control characters, and return the output."""
        done = safelight(self.project, *arguments)
        assert done.returncode in (0, 1, 2), done
        written = done.stdout + done.stderr
        obeyed = {it for it in written if unicodedata.category(it) in NO_SHAPE} - {"\n"}
        assert not obeyed, done
        return written


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    project = tmp_path_factory.mktemp("project")
    with deployed(project, app=APP.replace("TINY", str(TINY))) as aws:
        (workflow,) = deployed_workflows(aws)
        aws.s3.put_object(Bucket=workflow.upload_bucket, Key=KEY, Body=b"image")
        ended: list[Any] = []

        def is_over() -> bool:
            arns = execution_statuses(aws, state_machine_arn=workflow.state_machine_arn)
            ended[:] = [it for arn in arns if (it := describe(aws, arn=arn)) and it.status != "RUNNING"]
            return bool(ended)

        wait_until(is_over)
        reject(aws, workflow)
        yield Stage(project=project, aws=aws, workflow=workflow, execution=ended[0].name)


def reject(aws: Endpoints, workflow: DeployedWorkflow) -> None:
    """Record a rejection with a hostile reason."""
    found: Any = aws.dynamodb.query(
        TableName=workflow.records_table,
        KeyConditionExpression="pk = :pk",
        ExpressionAttributeValues={":pk": {"S": f"IMAGE#{workflow.workflow_id}#{KEY}"}},
    )
    (item,) = found["Items"]
    checks = [{"check": HOSTILE, "accepted": False, "reason": HOSTILE, "detail": {HOSTILE: HOSTILE}}]
    words = {"status": "REJECTED", "reason": HOSTILE, "detail": HOSTILE, "checks": json.dumps(checks)}
    aws.dynamodb.put_item(
        TableName=workflow.records_table, Item=item | {name: {"S": text} for name, text in words.items()}
    )


def test_run(stage: Stage, tmp_path: Path) -> None:
    image = tmp_path / HOSTILE
    image.write_bytes(b"another image")
    assert f"park/{SHOWN}" in stage.shows("run", str(image))


def test_executions(stage: Stage) -> None:
    assert f"park/{SHOWN}" in stage.shows("executions")


def test_show(stage: Stage) -> None:
    written = stage.shows("show", stage.execution)
    for name in ("upload", "reason", "detail"):
        assert any(line.startswith(name) and SHOWN in line for line in written.splitlines()), name


def test_show_of_an_unknown_execution(stage: Stage) -> None:
    assert f"there is no execution {SHOWN}" in stage.shows("show", HOSTILE)


def test_show_as_a_page(stage: Stage, tmp_path: Path) -> None:
    page = tmp_path / f"{HOSTILE}.html"
    assert f"{SHOWN}.html: park/{SHOWN}" in stage.shows("show", stage.execution, "--html", str(page))
    written = page.read_text()
    assert {it for it in written if unicodedata.category(it) in NO_SHAPE} <= {"\n"}
    assert SHOWN in written


def test_retry(stage: Stage) -> None:
    assert f"park/{SHOWN} is " in stage.shows("retry", KEY)
    assert f"no upload of {SHOWN} is recorded" in stage.shows("retry", HOSTILE)


def test_reprocess(stage: Stage) -> None:
    assert "the app has no Reprocess" in stage.shows("reprocess", "--prefix", KEY, "--dry-run")
    assert "the app has no Reprocess" in stage.shows("reprocess", "--prefix", KEY)
