import json
import subprocess
import sys
from pathlib import Path

import pytest

LAMBDAS = Path(__file__).parents[3] / "lambdas"

# A process of its own, since a logger takes hold of standard output once and for all.
PROGRAM = """
import json, sys
from awskit.rejection import RejectedImage, UploadFault
from awskit.steps import accepted, answer_check, perform_step

def accept(upload):
    return accepted(detail={"labels": ["Person"]})

def reject(upload):
    raise RejectedImage(UploadFault.NO_PEOPLE_ALLOWED, detail={"people": 3})

def fail(upload):
    raise OSError("broken")

event = json.load(sys.stdin)
answer_check(event, check=accept)
answer_check(event, check=reject)
for step in (reject, fail):
    try:
        perform_step(event, step=step)
    except (RejectedImage, OSError):
        pass
"""


def lines_for(key: str) -> list[dict[str, object]]:
    event = {
        "image": {"bucket": "b", "key": key, "size": 1, "etag": "e", "sequencer": "1", "versionId": "v"},
        "execution": "arn:execution",
    }
    output = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        input=json.dumps(event),
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONPATH": str(LAMBDAS), "POWERTOOLS_SERVICE_NAME": "moderate", "PYTHONUTF8": "1"},
    ).stdout
    return [json.loads(line) for line in output.split("\n") if line]


@pytest.mark.parametrize(
    "key", ["p1/a.jpg", 'p1/"},\n{"level":"FORGED"}', "p1/\r\n\t\x00\x1b[31m", "p1/%s{0}${jndi:x}", "p1/写真\u2028"]
)
def test_every_line_names_the_upload_and_the_execution_whatever_the_key(key: str) -> None:
    lines = lines_for(key)
    assert len(lines) == 4
    for line in lines:
        assert line["upload"] == {"bucket": "b", "key": key, "versionId": "v"}
        assert line["execution"] == "arn:execution"
        assert line["service"] == "moderate"


def test_the_outcome_is_logged_and_nothing_that_was_seen() -> None:
    lines = lines_for("p1/a.jpg")
    assert [line["message"] for line in lines] == ["Accepted", "Rejected", "Rejected", "Failed"]
    assert [line.get("reason") for line in lines] == [None, "NO_PEOPLE_ALLOWED", "NO_PEOPLE_ALLOWED", None]
    assert not any("Person" in json.dumps(line) or "people" in json.dumps(line) for line in lines)
