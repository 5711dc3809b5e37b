"""Puts Graphviz, which npm has and PyPI has not, into the wheel and the source distribution."""

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

_VENDORED = "local/safelight_local/diagram/vendor/viz.js"
_OF_NPM = "node_modules/@viz-js/viz/dist/viz.js"


class GraphvizBuildHook(BuildHookInterface[Any]):
    """Copies ``viz.js`` from ``node_modules``, or from the source distribution that has it already."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Add the file to what is built.

        Parameters
        ----------
        version : str
            ``editable`` for an installation that reads a checkout: nothing is copied for that.
        build_data : dict[str, Any]
            What hatchling builds from.

        Raises
        ------
        SystemExit
            When the file is in neither place, with one line that says what to do.
        """
        if version == "editable":
            return
        source = next((path for name in (_VENDORED, _OF_NPM) if (path := Path(self.root, name)).is_file()), None)
        if source is None:
            raise SystemExit(f"{_OF_NPM} is missing, and diagrams need it: run `npm ci` before the build")
        target = _VENDORED.removeprefix("local/") if self.target_name == "wheel" else _VENDORED
        build_data["force_include"][str(source)] = target
