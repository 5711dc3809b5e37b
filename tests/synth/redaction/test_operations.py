"""The guide of operators lists the alarms of every redaction, each with its cause and what to do."""

import re
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import Stack, aws_sns
from tests.synth.redaction.dicom import SynthesisedDicom
from tests.synth.redaction.synthesised import Synthesised
from tests.synth.redaction.videos import SynthesisedVideos

GUIDE = (Path(__file__).parents[3] / "docs" / "operations.md").read_text(encoding="utf-8")


def topic(stack: Stack) -> aws_sns.ITopic:
    return aws_sns.Topic.from_topic_arn(stack, "Topic", "arn:aws:sns:eu-west-1:111122223333:ops")


@pytest.mark.parametrize(
    ("section", "synthesised", "construct"),
    [
        ("Photographs and medical images", Synthesised, "service"),
        ("Photographs and medical images", SynthesisedDicom, "dicom"),
        ("Videos", SynthesisedVideos, "videos"),
    ],
    ids=["photographs", "medical images", "videos"],
)
def test_the_guide_of_operators_lists_every_alarm(
    tmp_path: Path, section: str, synthesised: Any, construct: str
) -> None:
    _, _, redaction = GUIDE.partition("\n## Redaction\n")
    _, _, text = redaction.partition(f"\n### {section}\n")
    rows = re.findall(r"^\| `(\w+)` \|(.*)$", text.partition("\n#")[0], flags=re.MULTILINE)
    alarms = getattr(synthesised(outdir=tmp_path, arguments={"alarm_topic": topic}), construct).alarms
    assert [name for name, _ in rows] == [alarm.node.id for alarm in alarms]
    assert all(len([cell for cell in cells.split("|") if cell.strip()]) == 3 for _, cells in rows)
