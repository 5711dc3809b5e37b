import re
from pathlib import Path

from safelight_contracts.delivery.refusals import Refusal

REFERENCE = Path(__file__).parents[3] / "docs/reference/delivery-requests.md"


def test_the_reference_lists_every_error_with_its_status() -> None:
    _, _, section = REFERENCE.read_text(encoding="utf-8").partition("\n## Errors\n")
    rows = re.findall(r"^\| `([A-Z_]+)` \| (\d+) \| .+ \|$", section.partition("\n## ")[0], flags=re.MULTILINE)
    assert rows == [(str(refusal), str(refusal.status)) for refusal in sorted(Refusal, key=lambda it: it.status)]
