import sys
from collections.abc import Iterator

import pytest

from safelight.core.models import model_folder


@pytest.fixture(autouse=True, scope="module")
def models() -> Iterator[None]:
    """The layer of the models on the import path, as Lambda puts it there."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "path", [*sys.path, str(model_folder() / "python")])
        yield
