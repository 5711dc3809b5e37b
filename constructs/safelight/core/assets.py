"""The folders of functions and state machines, in a checkout and in an installed wheel."""

from pathlib import Path

_BUNDLED = Path(__file__).parents[1] / "_bundled"
_ROOT = _BUNDLED if _BUNDLED.is_dir() else Path(__file__).parents[3]

LAMBDAS = _ROOT / "lambdas"
"""Source root of the code that runs in Lambda."""

STATE_MACHINES = _ROOT / "statemachines"
"""ASL files, one folder per system."""
