"""Fixtures of several folders: an emulator per test module."""

import signal
from collections.abc import Iterator

import pytest
from hypothesis import settings
from tests.emulators import killed_emulator

from safelight_local.emulator.process import Emulator

# Hypothesis times each example, which on a busy machine says nothing of the code.
settings.register_profile("untimed", deadline=None)
settings.register_profile("fast", deadline=None, max_examples=25)
settings.load_profile("untimed")

# A shell starts what runs in the background with SIGINT ignored, and so would all be that tests start and interrupt.
signal.signal(signal.SIGINT, signal.default_int_handler)


# An emulator alone, and a project that `safelight up` has deployed to one.
_EMULATORS = {"emulator", "project"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark every test that uses an emulator."""
    for item in items:
        if _EMULATORS.intersection(getattr(item, "fixturenames", ())):
            item.add_marker("emulated")


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    """An empty emulator for one test module, on a port and in a folder of its own."""
    with killed_emulator(tmp_path_factory.mktemp("emulator")) as started:
        yield started
