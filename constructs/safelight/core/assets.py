"""Where the functions' code and the state machines lie, in a checkout and in an installed wheel."""

from pathlib import Path

_BUNDLED = Path(__file__).parents[1] / "_bundled"
_ROOT = _BUNDLED if _BUNDLED.is_dir() else Path(__file__).parents[3]

LAMBDAS = _ROOT / "lambdas"
"""Source root of what runs in Lambda."""

STATE_MACHINES = _ROOT / "statemachines"
"""One folder of ASL files a system."""
