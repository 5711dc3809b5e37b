"""Definitions to draw: the released ones with their committed pictures, and one of all that ASL has."""

import json
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[3]
PICTURES = {
    path: ROOT / "docs" / "images" / f"image-workflow-{path.name.removesuffix('.asl.json')}.svg"
    for path in sorted((ROOT / "statemachines" / "image_workflow").glob("*.asl.json"))
}
HOSTILE = 'Done <script>alert("1")</script> &amp; \\N'

ORDERS: dict[str, Any] = {
    "Comment": "Orders & <others>",
    "StartAt": "Look up",
    "States": {
        "Look up": {
            "Type": "Task",
            "Resource": "${LookUpFunctionArn}",
            "Catch": [{"ErrorEquals": ["States.Timeout", "Shop.OutOfStockException"], "Next": "Refuse"}],
            "Next": "Both",
        },
        "Both": {
            "Type": "Parallel",
            "Branches": [
                {
                    "StartAt": "Charge",
                    "States": {
                        "Charge": {
                            "Type": "Task",
                            "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
                            "Next": "Charged",
                        },
                        "Charged": {"Type": "Pass", "End": True},
                    },
                },
                {
                    "StartAt": "Each line",
                    "States": {
                        "Each line": {
                            "Type": "Map",
                            "ItemProcessor": {
                                "ProcessorConfig": {"Mode": "DISTRIBUTED"},
                                "StartAt": "Reserve",
                                "States": {
                                    "Reserve": {
                                        "Type": "Task",
                                        "Resource": "arn:aws:states:::aws-sdk:s3:copyObject",
                                        "End": True,
                                    }
                                },
                            },
                            "End": True,
                        }
                    },
                },
            ],
            "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Refuse"}],
            "Next": "How many?",
        },
        "How many?": {
            "Type": "Choice",
            "Choices": [
                {"Variable": "$.order.count", "NumericGreaterThan": 100, "Next": "Wait a day"},
                {"Variable": "$.order.type", "StringEquals": "gift", "Next": HOSTILE},
                {"Variable": "$.order.type", "StringEquals": "loan", "Next": HOSTILE},
            ],
            "Default": HOSTILE,
        },
        "Wait a day": {"Type": "Wait", "Seconds": 86400, "Next": "How many?"},
        "Refuse": {"Type": "Fail", "Error": "Refused"},
        HOSTILE: {"Type": "Succeed", "NoSuchField": {"any": ["thing"]}},
    },
}


def read(path: Path) -> dict[str, Any]:
    definition: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return definition
