"""JSON Schemas of a record, an asset and an event, for programs that read them."""

from typing import Any

from safelight_contracts.events import OUTCOMES
from safelight_contracts.image_types import WRITABLE_TYPES, ImageType
from safelight_contracts.records import Attribute, Status

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_TEXT = {"type": "string"}
_TEXT_OR_NULL = {"type": ["string", "null"]}
_PIXELS = {"type": "integer", "minimum": 1}
_TIME = {"type": "string", "format": "date-time"}

_RENDITION = {
    "type": "object",
    "properties": {
        "name": _TEXT,
        "key": _TEXT,
        "type": {"enum": [image_type.value for image_type in WRITABLE_TYPES]},
        "width": _PIXELS,
        "height": _PIXELS,
        "bytes": _PIXELS,
    },
    "required": ["name", "key", "type", "width", "height", "bytes"],
}

_ATTRIBUTES: dict[Attribute, dict[str, Any]] = {
    Attribute.STATUS: {"enum": [status.value for status in Status]},
    Attribute.REASON: _TEXT_OR_NULL | {"description": "Why it was rejected. Null in a failure."},
    Attribute.DETAIL: _TEXT | {"description": "JSON: the details of a rejection, or what broke."},
    Attribute.PLACE_ID: _TEXT,
    Attribute.ROUTE: _TEXT_OR_NULL,
    Attribute.BUCKET: _TEXT,
    Attribute.VERSION_ID: _TEXT_OR_NULL,
    Attribute.DIMENSIONS: {
        "type": ["object", "null"],
        "properties": {
            "width": _PIXELS,
            "height": _PIXELS,
            "type": {"enum": [image_type.value for image_type in ImageType]},
        },
    },
    Attribute.CHECKS: _TEXT | {"description": "JSON: what each check of the route answered."},
    Attribute.PHOTO_METADATA: _TEXT | {"description": "JSON: what the camera wrote into the image."},
    Attribute.REDACTED: _TEXT | {"description": "JSON: how much was covered before renditions were made, and where."},
    Attribute.RENDITIONS: {"type": "array", "items": _RENDITION},
    Attribute.ATTEMPT: _TEXT | {"description": "The set of renditions that is published."},
    Attribute.WORKFLOW: _TEXT,
    Attribute.VERSION: _TEXT | {"description": "The workflow's version, such as v5."},
    Attribute.EXECUTION_ARN: _TEXT | {"description": "The execution that decided."},
    Attribute.CLAIMED_BY: _TEXT | {"description": "The execution that works on it."},
    Attribute.STANDING: _TEXT | {"description": "The status that stays while it is processed again."},
    Attribute.FAILURE: _TEXT | {"description": "JSON: how a reprocess of a published upload failed."},
    Attribute.SUPERSEDED_BY: _TEXT | {"description": "The sequencer of the upload that replaced it."},
    Attribute.UNPUBLISHING: {"type": "boolean", "description": "Its renditions are still to be removed."},
    Attribute.ANNOUNCED_AT: _TIME,
    Attribute.CREATED_AT: _TIME,
    Attribute.UPDATED_AT: _TIME,
}

_FRACTION = {"type": "number", "minimum": 0, "maximum": 1}
_FOCAL_POINT = {
    "type": "object",
    "description": "What crops of an image delivery keep. You write it.",
    "properties": {"x": _FRACTION, "y": _FRACTION},
    "required": ["x", "y"],
}

# Every asset has all of them.
_OF_ASSETS: dict[Attribute, dict[str, Any]] = {
    Attribute.WORKFLOW: _TEXT,
    Attribute.RENDITIONS: {"type": "array", "items": _RENDITION},
    Attribute.WIDTH: _PIXELS | {"description": "Of the upload, as displayed."},
    Attribute.HEIGHT: _PIXELS,
    Attribute.PUBLISHED_AT: _TIME,
    Attribute.SEQUENCER: _TEXT | {"description": "The sequencer of the published upload, padded."},
    Attribute.ATTEMPT: _TEXT | {"description": "The set of renditions that is published."},
    Attribute.PREFIX: _TEXT | {"description": "What the keys of the renditions begin with."},
    Attribute.EXECUTION_ARN: _TEXT | {"description": "The execution that published it."},
}


def record_schema() -> dict[str, Any]:
    """Return the schema of an upload's record, as the DynamoDB document client reads it."""
    return {
        "$schema": _DIALECT,
        "title": "The record of an upload",
        "type": "object",
        "properties": {"pk": _TEXT, "sk": _TEXT, **{name.value: schema for name, schema in _ATTRIBUTES.items()}},
        "required": ["pk", "sk", Attribute.STATUS.value],
        "additionalProperties": False,
    }


def asset_schema() -> dict[str, Any]:
    """Give the schema of an asset, as the DynamoDB document client reads it."""
    properties = {"pk": _TEXT, "sk": _TEXT, **{name.value: schema for name, schema in _OF_ASSETS.items()}}
    return {
        "$schema": _DIALECT,
        "title": "What is published under a key",
        "type": "object",
        "properties": properties | {Attribute.FOCAL_POINT.value: _FOCAL_POINT},
        "required": list(properties),
        "additionalProperties": False,
    }


def event_schema() -> dict[str, Any]:
    """Return the schema of the `detail` of an event."""
    properties: dict[str, Any] = {
        "bucket": _TEXT,
        "key": _TEXT,
        "versionId": _TEXT_OR_NULL,
        "placeId": _TEXT,
        "status": {"enum": [status.value for status in OUTCOMES]},
        "reason": _TEXT_OR_NULL,
        "detail": {"type": "object"},
        "renditions": {"type": "array", "items": _RENDITION},
        "removed": {"type": "array", "items": _TEXT},
        "workflow": _TEXT,
        "version": _TEXT,
        "executionArn": _TEXT,
    }
    return {
        "$schema": _DIALECT,
        "title": "The detail of an event",
        "type": "object",
        "properties": properties | {"route": _TEXT_OR_NULL},
        "required": list(properties),
        "additionalProperties": False,
    }
