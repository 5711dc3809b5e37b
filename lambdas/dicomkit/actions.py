"""The action for each attribute: table E.1-1 of PS3.15, as data of the package dicom-anonymizer, and more.

The table is of 2026c. What it does not name and is removed all the same is in `dicomkit.additions`.
"""

from enum import StrEnum
from functools import cache, lru_cache
from typing import TypeAlias

from dicomanonymizer.dicom_anonymization_databases import dicomfields_2026c as table
from pydicom.datadict import dictionary_has_tag
from pydicom.tag import Tag

from dicomkit import additions
from dicomkit.raw import listed_vr


class Action(StrEnum):
    """What is done with an attribute. Where the table leaves a choice by the attribute's type, it keeps files valid."""

    REMOVE = "X"
    EMPTY = "Z"
    REPLACE = "D"
    IDENTIFIER = "U"
    """A UID, or a sequence whose UIDs are replaced."""
    KEEP = "K"


_Key: TypeAlias = tuple[int, int]

# Table X/Z means: remove, or empty if the attribute's type demands a value. The type depends on the class of the file,
# so the action that is valid for each type is chosen.
_LISTS = {
    Action.REMOVE: (table.X_TAGS,),
    Action.EMPTY: (table.Z_TAGS, table.X_Z_TAGS),
    Action.REPLACE: (table.D_TAGS, table.Z_D_TAGS, table.X_D_TAGS, table.X_Z_D_TAGS),
    Action.IDENTIFIER: (table.U_TAGS, table.X_Z_U_STAR_TAGS),
}
_ICON = (0x0088, 0x0200)
# The originals of the removed attributes, encrypted by somebody else.
_ENCRYPTED = (0x0400, 0x0500)
# Curves and overlays (PS3.5, 7.6) hold annotations and sound. Waveforms hold voices.
_REPEATED = 0xFF00
_REMOVED_GROUPS = frozenset({0x5000, 0x5400, 0x6000})
# Commands, file meta and directories have no place in a dataset.
_FIRST_GROUP = 0x0008


@cache
def _actions() -> dict[_Key, Action]:
    listed = {
        (tag[0], tag[1]): action for action, lists in _LISTS.items() for tags in lists for tag in tags if len(tag) == 2
    }
    return listed | {_ICON: Action.REMOVE, _ENCRYPTED: Action.REMOVE}


def _unlisted(tag: int) -> Action:
    if tag in additions.REMOVED or additions.is_foreign(tag):
        return Action.REMOVE
    if tag in additions.REPLACED:
        return Action.REPLACE
    return Action.EMPTY if tag in additions.EMPTIED else Action.KEEP


# Bounded: a hostile file can have any number of different tags.
@lru_cache(maxsize=8192)
def action_for(tag: int) -> Action:
    """Return the action for an attribute.

    Private attributes, curves, waveforms, overlays, icons, addresses (UR), attributes of no dictionary, and those of
    `dicomkit.additions` are removed.
    """
    known, vr = Tag(tag), listed_vr(tag)
    if known.is_private or known.group < _FIRST_GROUP or known.group & _REPEATED in _REMOVED_GROUPS:
        return Action.REMOVE
    if vr == "UR" or not dictionary_has_tag(known):
        return Action.REMOVE
    action = _actions().get((known.group, known.element)) or _unlisted(known)
    return Action.IDENTIFIER if (action, vr) == (Action.REPLACE, "UI") else action
