"""Patches of ministack, one file each.

The docstring of each file says what upstream lacks. Each has a function ``apply``, which reaches into ministack's
private names: it fits `SUPPORTED_VERSION` only. To add a patch, add a file.
"""

import importlib
import pkgutil

SUPPORTED_VERSION = "1.5.33"
"""The version of ministack that the patches fit."""


def apply_patches() -> None:
    """Apply every patch in this folder, in the order of their names."""
    for module in pkgutil.iter_modules(__path__):
        importlib.import_module(f"{__name__}.{module.name}").apply()
