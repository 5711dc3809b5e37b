"""Stacks with one redaction service, built from the arguments a test gives."""

from collections.abc import Callable
from typing import Any

import pytest
from tests.synth.image_workflow.sharing import lock, once_for_the_same
from tests.synth.redaction.synthesised import Synthesised


@pytest.fixture
def build_own(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Synthesised]:
    """Build a service for this test alone, which can add to its stack."""

    def build_with(**arguments: Any) -> Synthesised:
        return Synthesised(outdir=tmp_path_factory.mktemp("own"), arguments=arguments)

    return build_with


@pytest.fixture(scope="session")
def build(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Synthesised]:
    """Synthesise a service, once for all tests that give the same arguments. Nobody can add to its stack."""

    def build_with(**arguments: Any) -> Synthesised:
        built = Synthesised(outdir=tmp_path_factory.mktemp("shared"), arguments=arguments)
        lock(built.app)
        return built

    return once_for_the_same(build_with)
