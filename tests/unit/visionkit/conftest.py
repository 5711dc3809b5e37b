import sys

import pytest

from safelight.core.models import model_folder


@pytest.fixture(autouse=True)
def models(monkeypatch: pytest.MonkeyPatch) -> None:
    """The layer of the models on the import path, as Lambda puts it there."""
    monkeypatch.setattr(sys, "path", [*sys.path, str(model_folder() / "python")])
