"""Measurements: what the engine takes, beside what others take for the same in the same run."""

import sys
from pathlib import Path

# What is measured runs in Lambda, and is not installed here.
sys.path.insert(0, str(Path(__file__).parents[1] / "lambdas"))
