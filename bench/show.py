"""The command line of one subject: measures it and prints the results."""

import argparse
from collections.abc import Callable

from bench.results import Result, goals_markdown, markdown
from bench.rounds import pin_to_one_core

ROUNDS = 9


def show(measure: Callable[..., Result]) -> None:
    """Measure one subject, and print its tables and goals. The command line gives the number of rounds."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=ROUNDS, help=f"number of measured rounds. Default: {ROUNDS}")
    given = parser.parse_args()
    pin_to_one_core()
    print_result(measure(rounds=given.rounds))


def print_result(result: Result) -> None:
    """Print the tables and goals of a subject."""
    for table in result.tables:
        print(markdown(table))
    if result.goals:
        print(goals_markdown(result.goals), flush=True)
