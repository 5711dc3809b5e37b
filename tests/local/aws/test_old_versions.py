"""The commands of docs/how-to/delete-old-versions.md, run by a shell with a fake AWS CLI."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[3] / "docs" / "how-to" / "delete-old-versions.md"
ARN = "arn:aws:lambda:eu-west-1:111122223333:function:"
BASH = shutil.which("bash") or ""


def list_unused(folder: Path, *, in_use: list[str]) -> tuple[str, str]:
    """Run the command that lists unused versions of `Photos-Render`, and return what it prints and its list."""
    commands = re.findall(r"^```console\n\$ (.*?)^```", PAGE.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    (command,) = (it.replace("FUNCTION", "Photos-Render") for it in commands if "list-versions-by-function" in it)
    versions = [{"Version": it, "FunctionArn": f"{ARN}Photos-Render:{it}"} for it in ("$LATEST", "1", "2", "3")]
    (folder / "versions.json").write_text(json.dumps({"Versions": versions}))
    (folder / "in-use.txt").write_text("".join(f"{ARN}{it}\n" for it in sorted(in_use)))
    (folder / "unused.txt").write_text(f"{ARN}Other:1\n")
    done = subprocess.run(
        [BASH, "-c", f"aws() {{ cat versions.json; }}\n{command}"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout, (folder / "unused.txt").read_text()


@pytest.mark.skipif(shutil.which("jq") is None, reason="The command needs jq.")
def test_versions_that_no_definition_names_are_listed(tmp_path: Path) -> None:
    printed, unused = list_unused(tmp_path, in_use=["Photos-Render:2", "Photos-Publish:1"])
    assert printed == unused == f"{ARN}Photos-Render:1\n{ARN}Photos-Render:3\n"


@pytest.mark.parametrize("in_use", [[], ["Photos-Publish:1", "My-Photos-Render:1", "Photos-Render-2:1"]])
def test_nothing_is_listed_of_a_function_that_no_definition_names(tmp_path: Path, in_use: list[str]) -> None:
    assert list_unused(tmp_path, in_use=in_use) == ("stop\n", "")
