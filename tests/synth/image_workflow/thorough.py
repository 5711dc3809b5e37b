"""Which values of a test are left to the thorough tests."""

from collections.abc import Iterable
from typing import Any

import pytest

from safelight import WorkflowVersion


def thorough_but_for(one: object, values: Iterable[Any]) -> list[Any]:
    """Mark all values but one as thorough: the one has the most resources."""
    return [value if value is one else pytest.param(value, marks=pytest.mark.thorough) for value in values]


EVERY_VERSION = thorough_but_for(WorkflowVersion.V5, WorkflowVersion)
"""Every version. ``make test-fast`` uses only the newest, because a workflow takes up to a second to synthesise."""
