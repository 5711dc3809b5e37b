"""Benchmarks: the time of the engine, compared with other libraries in the same run."""

import sys
from pathlib import Path

# The measured code runs in Lambda, and is not installed here.
sys.path.insert(0, str(Path(__file__).parents[1] / "lambdas"))
