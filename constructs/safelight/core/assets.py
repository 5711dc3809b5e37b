"""The folders of functions and state machines, in a checkout and in an installed wheel."""

from pathlib import Path

from safelight_contracts.sources import source_root

_ROOT = source_root(Path(__file__).parents[1])

LAMBDAS = _ROOT / "lambdas"
"""Source root of the code that runs in Lambda."""

STATE_MACHINES = _ROOT / "statemachines"
"""ASL files, one folder per system."""
