"""The environment variables of functions. The library sets them, and the functions read them.

`limits`, `development` and `presentation` have their own variables, with a writer and a reader each.
"""

from enum import StrEnum


class Variable(StrEnum):
    """The name of an environment variable."""

    ALLOWED_TYPES = "ALLOWED_TYPES"
    """The accepted image types, separated by commas."""
    MIN_PIXELS = "MIN_PIXELS"
    """The smallest accepted side, in pixels."""
    MIN_CONFIDENCE = "MIN_CONFIDENCE"
    """The confidence from which a label counts, in percent. Not set: Rekognition's default."""
    DETECTOR = "DETECTOR"
    """The value of a `Detector`."""
    RENDITIONS = "RENDITIONS"
    """The renditions, as `renditions_to_json` writes them."""
    CACHE_CONTROL = "CACHE_CONTROL"
    """The Cache-Control header of renditions."""
    KEEP_REPLACED_SECONDS = "KEEP_REPLACED_SECONDS"
    """How long replaced renditions stay, in seconds."""
    KEY_PREFIX = "KEY_PREFIX"
    """The prefix of the keys of the workflow's uploads. May be empty."""
    PUBLISHED_BUCKET = "PUBLISHED_BUCKET"
    """The bucket of renditions."""
    PUBLISHED_PREFIX = "PUBLISHED_PREFIX"
    """The prefix of the keys of renditions. May be empty."""
    ANALYSIS_BUCKET = "ANALYSIS_BUCKET"
    """The bucket of analysis images."""
    QUARANTINE_BUCKET = "QUARANTINE_BUCKET"
    """The bucket that rejected uploads move to. Not set if they stay or are deleted."""
    RECORDS_TABLE = "RECORDS_TABLE"
    """The records table."""
    WORKFLOW_ID = "WORKFLOW_ID"
    """The workflow's id in records and events."""
    VERSION = "VERSION"
    """The workflow's version, such as `v5`."""
    EVENT_BUS = "EVENT_BUS"
    """The ARN of the event bus for announcements. A name would mean a bus of the function's own account."""
    STATE_MACHINE = "STATE_MACHINE"
    """The ARN of a Standard state machine. Not set for Express."""
