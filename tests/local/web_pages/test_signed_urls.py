from datetime import UTC, datetime, timedelta

import pytest

from safelight_local.web_pages.signed_urls import Signer, parse_expiry

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "end"),
    [
        ("90s", NOW + timedelta(seconds=90)),
        ("30m", NOW + timedelta(minutes=30)),
        ("12h", NOW + timedelta(hours=12)),
        ("7d", NOW + timedelta(days=7)),
        ("2w", NOW + timedelta(weeks=2)),
        ("2026-02-01", datetime(2026, 2, 1, tzinfo=UTC)),
        ("2026-02-01T18:00", datetime(2026, 2, 1, 18, tzinfo=UTC)),
        ("2026-02-01T18:00+01:00", datetime(2026, 2, 1, 17, tzinfo=UTC)),
    ],
)
def test_an_expiry_is_a_duration_or_a_date(text: str, end: datetime) -> None:
    assert parse_expiry(text, now=NOW) == end.timestamp()


@pytest.mark.parametrize("text", ["", "h", "0h", "-1h", "1y", "1.5h", "12345w", "2026-13-01", "2026-01-31T12:00Z"])
def test_another_text_or_a_time_in_the_past_is_no_expiry(text: str) -> None:
    with pytest.raises(ValueError, match=r"is neither a duration|is in the past"):
        parse_expiry(text, now=NOW)


def test_a_signer_does_not_show_its_key() -> None:
    assert "secret text" not in repr(Signer(scope="s", key_id="1", secret="secret text"))
