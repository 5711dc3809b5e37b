"""What cdk-nag's AwsSolutions pack finds in an app."""

import json
from pathlib import Path

from aws_cdk import App, Validations
from cdk_nag import AwsSolutionsChecks


def findings(app: App, *, below: str = "") -> list[str]:
    """Return the rules that constructs break whose paths start with ``below``."""
    Validations.of(app).add_plugins(AwsSolutionsChecks(app))
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
