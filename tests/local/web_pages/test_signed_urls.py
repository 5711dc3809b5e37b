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


@pytest.mark.parametrize("text", ["", "h", "-1h", "1y", "1.5h", "2026-13-01", "2026-01-31T12:00Z"])
def test_another_text_or_a_time_in_the_past_is_no_expiry(text: str) -> None:
    with pytest.raises(ValueError, match=r"is neither a duration|is in the past"):
        parse_expiry(text, now=NOW)


@pytest.mark.parametrize("text", ["0h", "000s"])
def test_a_duration_of_zero_is_refused_as_that(text: str) -> None:
    with pytest.raises(ValueError, match="ends at once: the minimum is 1s"):
        parse_expiry(text, now=NOW)


@pytest.mark.parametrize(("text", "longest"), [("12345w", "9999w"), ("10000h", "9999h"), ("9" * 5_000 + "s", "9999s")])
def test_a_duration_that_is_too_long_names_the_maximum(text: str, longest: str) -> None:
    with pytest.raises(ValueError, match=f"is too long: the maximum is {longest}. Give a date instead"):
        parse_expiry(text, now=NOW)


def test_a_signer_does_not_show_its_key() -> None:
    assert "secret text" not in repr(Signer(scope="s", key_id="1", secret="secret text"))
