"""Choice rules in words."""

from typing import Any

import pytest

from safelight_local.diagram.words import choice_in_words


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        ("{% $verdict.accepted %}", "accepted"),
        ("{% $verdict.accepted = true %}", "accepted"),
        ("{% $placeType = 'park' %}", "park"),
        ("{% $placeType in ['restaurant', 'cafe', 'bar'] %}", "restaurant, cafe, bar"),
        ("{% $exists($route.name) %}", "there is a route"),
        ("{% $verdict.reason = null %}", "no reason"),
        ("{% $withdraw = true or $onReject in ['QUARANTINE', 'DELETE'] %}", "withdraw, QUARANTINE, DELETE"),
    ],
)
def test_a_simple_jsonata_condition_is_described_in_words(condition: str, words: str) -> None:
    assert choice_in_words({"Condition": condition}) == words


@pytest.mark.parametrize(
    "condition", ["$count(people) > 3", "$count(people) > 3 or $late = true", "$placeType != 'park'", "$a and $b"]
)
def test_any_other_condition_is_shown_unchanged(condition: str) -> None:
    assert choice_in_words({"Condition": f"{{% {condition} %}}"}) == condition


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ({"Variable": "$.order.count", "NumericGreaterThanEquals": 3}, "order.count >= 3"),
        ({"Variable": "$.type", "StringEquals": "gift"}, "type = gift"),
        ({"Variable": "$.type", "StringMatches": "*.jpg"}, "type like *.jpg"),
        ({"Variable": "$.a", "NumericLessThanPath": "$.b"}, "a < b"),
        ({"Variable": "$.paid", "BooleanEquals": True}, "paid"),
        ({"Variable": "$.paid", "BooleanEquals": False}, "not paid"),
        ({"Variable": "$.place", "IsPresent": True}, "place is present"),
        ({"Variable": "$.place", "IsNull": False}, "place is not null"),
        ({"Not": {"Variable": "$.paid", "BooleanEquals": True}}, "not (paid)"),
        (
            {
                "And": [
                    {"Variable": "$.n", "NumericEquals": 1},
                    {
                        "Or": [
                            {"Variable": "$.a", "BooleanEquals": True},
                            {"Variable": "$.b", "BooleanEquals": True},
                        ]
                    },
                ]
            },
            "n = 1 and (a or b)",
        ),
    ],
)
def test_a_jsonpath_rule_is_described_as_a_comparison(rule: dict[str, Any], words: str) -> None:
    assert choice_in_words(rule | {"Next": "Anywhere"}) == words
