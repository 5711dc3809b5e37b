"""Write the JSON Schemas of records, assets and events into the documentation."""

import json
from pathlib import Path

from safelight_contracts.schemas import asset_schema, event_schema, record_schema

FOLDER = Path(__file__).parents[1] / "docs" / "reference" / "schemas"
SCHEMAS = {
    "record.schema.json": record_schema(),
    "asset.schema.json": asset_schema(),
    "event.schema.json": event_schema(),
}


def text_of(schema: dict[str, object]) -> str:
    return json.dumps(schema, indent=2) + "\n"


if __name__ == "__main__":
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, schema in SCHEMAS.items():
        (FOLDER / name).write_text(text_of(schema))
        print(f"wrote {FOLDER / name}")
