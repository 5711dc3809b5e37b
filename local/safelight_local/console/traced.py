"""Colours the path of an execution in its diagram, for a page without scripts."""

import re
from collections.abc import Sequence
from itertools import pairwise

from safelight_local.aws.history import StateVisit, VisitStatus
from safelight_local.diagram.style import STYLE_SHEET
from safelight_local.diagram.text import as_attribute

_STATE = re.compile(r'class="((?:node|cluster) state \w+)" data-state="([^"]*)"')
_EDGE = re.compile(r'class="(edge [\w ]+)" data-source="([^"]*)" data-target="([^"]*)"')
_END = re.compile(r'class="edge stub" data-state-end="([^"]*)"')
# By rising priority: a state that was visited more than once shows the last of these.
_RANKS = (VisitStatus.PASSED, VisitStatus.CAUGHT, VisitStatus.FAILED, VisitStatus.CURRENT)


def trace(svg: str, *, visits: Sequence[StateVisit]) -> str:
    """Mark the states that were visited, and the lines between them.

    Returns the same with a class more: ``passed``, ``caught``, ``failed`` or ``current`` on states, ``taken`` on lines.
    """
    statuses: dict[str, VisitStatus] = {}
    for visit in visits:
        name = as_attribute(visit.state)
        statuses[name] = max(statuses.get(name, VisitStatus.PASSED), visit.status, key=_RANKS.index)
    last = visits[-1] if visits else None
    ended_in = as_attribute(last.state) if last and last.status is VisitStatus.PASSED else None
    taken = {(as_attribute(before.state), as_attribute(after.state)) for before, after in pairwise(visits)}

    def state(match: re.Match[str]) -> str:
        status = statuses.get(match[2])
        return match[0] if status is None else f'class="{match[1]} {status}" data-state="{match[2]}"'

    def edge(match: re.Match[str]) -> str:
        return match[0].replace(match[1], f"{match[1]} taken", 1) if (match[2], match[3]) in taken else match[0]

    def end(match: re.Match[str]) -> str:
        return match[0].replace("stub", "stub taken", 1) if match[1] == ended_in else match[0]

    marked = _END.sub(end, _EDGE.sub(edge, _STATE.sub(state, svg)))
    return marked.replace('class="workflow-diagram"', 'class="workflow-diagram natural traced"', 1)


def without_style_sheet(svg: str) -> str:
    """Remove the style sheet from a picture. The page already has it.

    Returns the same without it.
    """
    return svg.replace(f"<style>{STYLE_SHEET}</style>", "")
