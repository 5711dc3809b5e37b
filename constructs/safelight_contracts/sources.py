"""Where the code of functions and the definitions of state machines are, in a checkout and in an installed wheel."""

from pathlib import Path


def source_root(library: Path) -> Path:
    """Return the folder that holds `lambdas` and `statemachines`.

    Parameters
    ----------
    library
        The folder of the package `safelight`. A wheel has the sources in it, a checkout two folders above it.
    """
    bundled = library / "_bundled"
    return bundled if bundled.is_dir() else library.parents[1]
