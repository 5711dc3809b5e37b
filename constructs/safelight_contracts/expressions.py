"""Expressions of DynamoDB on items of the records table.

An expression writes an attribute as `#` and the member of `Attribute`, such as `#CLAIMED_BY = :execution`. DynamoDB
does not accept all attribute names in expressions, but it accepts every placeholder.
"""

import re

from safelight_contracts.records import Attribute

_PLACEHOLDER = re.compile(r"#([A-Z_]+)")


def attribute_names(*expressions: str) -> dict[str, str]:
    """Return the `ExpressionAttributeNames` of a request: exactly the placeholders of its expressions.

    Raises
    ------
    KeyError
        If an attribute does not exist.
    """
    members = {member for expression in expressions for member in _PLACEHOLDER.findall(expression)}
    return {f"#{member}": Attribute[member].value for member in sorted(members)}
