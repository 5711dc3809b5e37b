"""The syntax that CloudFront Functions may use."""

import subprocess
from functools import cache
from pathlib import Path

from safelight_local.nodejs import find_node

_SCRIPT = Path(__file__).with_suffix(".js")


@cache
def undocumented_syntax(code: str) -> tuple[str, ...]:
    """Find the syntax in a function that AWS does not document for the runtime ``cloudfront-js-2.0``.

    CloudFront accepts such a function, and may answer each request with 503. Object and array destructuring and ``?.``
    are known to fail. See "JavaScript runtime 2.0 features for CloudFront Functions" and "Use async and await" in the
    developer guide of CloudFront.

    Parameters
    ----------
    code : str
        The function.

    Returns
    -------
    tuple[str, ...]
        A line of text for each place, with the number of the line.

    Raises
    ------
    subprocess.CalledProcessError
        When the code cannot be parsed. Its ``stderr`` says where.
    """
    found = subprocess.run(  # noqa: S603 - the code is only parsed
        [find_node(needed_by="CloudFront Functions"), "--expose-internals", "-e", _SCRIPT.read_text()],
        input=code,
        text=True,
        capture_output=True,
        check=True,
    )
    return tuple(found.stdout.splitlines())
