"""Distributions outside the emulator's first account.

A viewer's request names no account. ministack looks for the distribution in its default account only, and answers like
S3 for those of all others.
"""

from typing import Any

# A distribution's record.
Properties = dict[str, Any]


def apply() -> None:
    """Patch the search for a distribution."""
    from ministack.services import cloudfront

    cloudfront.find_distribution_for_label = find_in_every_account


def find_in_every_account(label: str) -> Properties | None:
    """Find a distribution by the label of its domain, and continue the request in its account.

    `label`: the part before ``.cloudfront.net``.
    """
    from ministack.core.responses import set_request_account_id
    from ministack.services import cloudfront

    distributions: dict[tuple[str, str], Properties] = cloudfront._distributions._data
    for (account, _), distribution in list(distributions.items()):
        if distribution["DomainName"].lower() == f"{label}.cloudfront.net":
            set_request_account_id(account)
            return distribution
    return None
