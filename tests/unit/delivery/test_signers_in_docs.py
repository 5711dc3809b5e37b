"""The signers of docs/how-to/sign-urls.md sign as the contracts do."""

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from tests.unit.delivery.edges import NODE_PATH, ROOT

from safelight_contracts.delivery.signatures import sign_url

SNIPPETS = dict(
    re.findall(
        r"<!-- signer -->\n```(\w+)\n(.*?)```",
        (ROOT / "docs/how-to/sign-urls.md").read_text(encoding="utf-8"),
        flags=re.DOTALL,
    )
)
SCOPE, KEY = "a delivery", "k" * 32
CASES: list[tuple[str, dict[str, str], int | None]] = [
    ("/a.jpg", {}, None),
    ("/photos/a b+(1)!*'~é😀.jpg", {"width": "640", "a-b": "1", "a": "&=?#"}, 1_800_000_000),
    ("/unsafe/fit-in/300x200/filters:blur(2)/photos/a.jpg", {"v": "7"}, None),
    ("/300x200/a.jpg", {}, 1_800_000_000),
    ("/eyJrZXkiOiJhLmpwZyJ9", {}, None),
]


@pytest.mark.parametrize(("path", "parameters", "expires"), CASES)
def test_the_signer_in_python(path: str, parameters: dict[str, str], expires: int | None) -> None:
    names: dict[str, Any] = {}
    exec(SNIPPETS["python"], names)  # noqa: S102 - the page's own code
    signed = names["sign"](path, parameters, scope=SCOPE, key_id="1", key=KEY, expires=expires)
    assert signed == _signed(path, parameters, expires=expires)


def test_the_signer_in_javascript(tmp_path: Path) -> None:
    node = shutil.which("node", path=NODE_PATH)
    assert node is not None, "Node.js is not installed: run 'make setup'"
    script = tmp_path / "signer.mjs"
    options = f"scope: {json.dumps(SCOPE)}, keyId: '1', key: {json.dumps(KEY)}"
    script.write_text(
        f"{SNIPPETS['javascript']}\n"
        f"const signed = {json.dumps(CASES)}.map(([path, parameters, expires]) =>\n"
        f"  sign(path, parameters, {{ {options}, expires }}));\n"
        "console.log(JSON.stringify(signed));\n",
        encoding="utf-8",
    )
    done = subprocess.run([node, str(script)], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == [
        _signed(path, parameters, expires=expires) for path, parameters, expires in CASES
    ]


def _signed(path: str, parameters: dict[str, str], *, expires: int | None) -> str:
    query = "&".join(f"{quote(name)}={quote(value)}" for name, value in parameters.items())
    return sign_url(quote(path), query, scope=SCOPE, key_id="1", secret=KEY, expires=expires)
