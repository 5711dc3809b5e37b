import re
from pathlib import Path

import pytest

from safelight_contracts.delivery.refusals import Refusal

REFERENCE = Path(__file__).parents[3] / "docs/reference/delivery-requests.md"
PAGE = Path(__file__).parents[3] / "docs/explanation/delivery.md"
# "HTTP 4xx and 5xx status codes that CloudFront caches" in CloudFront's developer guide.
CACHED_BY_CLOUDFRONT = {400, 403, 404, 405, 412, 414, 415, *range(500, 505)}


def test_the_reference_lists_every_error_with_its_status() -> None:
    _, _, section = REFERENCE.read_text(encoding="utf-8").partition("\n## Errors\n")
    rows = re.findall(r"^\| `([A-Z_]+)` \| (\d+) \| .+ \|$", section.partition("\n## ")[0], flags=re.MULTILINE)
    assert rows == [(str(refusal), str(refusal.status)) for refusal in sorted(Refusal, key=lambda it: it.status)]


@pytest.mark.parametrize("status", sorted({refusal.status for refusal in Refusal}))
def test_the_page_about_delivery_says_how_long_a_refusal_is_cached(status: int) -> None:
    table = PAGE.read_text(encoding="utf-8").split("| outcome | status | how long |")[1].split("\n\n")[0]
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in table.splitlines() if line.startswith("| ")]
    (said,) = {kept for _, statuses, kept in rows if str(status) in statuses.split(", ")}
    (meant,) = {refusal.cache_control for refusal in Refusal if refusal.status == status}
    expected = "not at all" if meant == "no-store" else f"{meant.removeprefix('max-age=')} s"
    assert said == expected + ("" if status in CACHED_BY_CLOUDFRONT else " in browsers only")
