"""Draws state machine definitions (ASL) as pictures: SVG by `draw`, Mermaid's text by `to_mermaid`."""

from safelight_local.diagram.mermaid import to_mermaid
from safelight_local.diagram.svg import draw

__all__ = ["draw", "to_mermaid"]
