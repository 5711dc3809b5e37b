"""What cdk-nag's AwsSolutions pack and the CDK's own validation find in an app."""

import json
from functools import cache
from pathlib import Path

from aws_cdk import App, CloudFormationValidatePlugin, Validations
from cdk_nag import AwsSolutionsChecks


def findings(app: App, *, below: str | tuple[str, ...] = "") -> list[str]:
    """Synthesise an app, and return the rules that constructs violate whose paths start with ``below``."""
    Validations.of(app).add_plugins(AwsSolutionsChecks(app), _validation())
    report = Path(app.outdir) / "validation-report.json"
    try:
        app.synth()
    except Exception:
        if not report.exists():
            raise
    plugins = json.loads(report.read_text())["pluginReports"]
    return [
        violation["ruleName"]
        for plugin in plugins
        for violation in plugin["violations"]
        if any(construct["constructPath"].startswith(below) for construct in violation["violatingConstructs"])
    ]


@cache
def _validation() -> CloudFormationValidatePlugin:
    """Make the CDK's own validation, which loads 150 MB of rules for each instance and never releases them."""
    return CloudFormationValidatePlugin()
