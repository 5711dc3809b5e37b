"""The items of a Map state, from its input or from S3."""

from typing import Any

from safelight_local.emulator.map_runs.state import MapState, Properties


def selected_items(state: MapState) -> list[Any]:
    """Read the items of a Map state and apply its ``ItemSelector``."""
    items, source = _from_s3(state) if "ItemReader" in state.definition else (input_items(state), "STATE_DATA")
    selector = state.definition.get("ItemSelector") or state.definition.get("Parameters")
    if not selector:
        return items
    return [
        state.evaluate(selector, item={"Index": index, "Value": item, "Source": source})
        for index, item in enumerate(items)
    ]


def input_items(state: MapState) -> list[Any]:
    """Return the items that are in the state's input."""
    from ministack.services import stepfunctions

    if state.is_jsonata:
        items: list[Any] = stepfunctions._jsonata_state_field(
            state.definition, "Items", "array", state.given, state.context
        )
        return items
    path = state.definition.get("ItemsPath", "$")
    found = stepfunctions._resolve_path_or_ctx(path, state.effective, state.context)
    if not isinstance(found, list):
        raise stepfunctions._ExecutionError("States.Runtime", f"ItemsPath {path} selects no array")
    return found


def _from_s3(state: MapState) -> tuple[list[Any], str]:
    """Read the items. Result: with ``Map.Item.Source``."""
    from ministack.services import stepfunctions

    reader = state.definition["ItemReader"]
    arguments = state.arguments(reader)
    ready: Properties = {"Resource": reader["Resource"], "Parameters": arguments}
    config = reader.get("ReaderConfig", {})
    ready["ReaderConfig"] = state.evaluate(config) if state.is_jsonata else config
    source = "/".join(["s3:/", arguments.get("Bucket", ""), *([arguments["Key"]] if "Key" in arguments else [])])
    try:
        items = stepfunctions._read_map_items(ready, state.effective, state.context)
    except (ValueError, LookupError, TypeError) as error:
        raise stepfunctions._ExecutionError("States.ItemReaderFailed", f"{source} cannot be read: {error}") from error
    if not isinstance(items, list):
        raise stepfunctions._ExecutionError("States.ItemReaderFailed", f"{source} holds no array")
    return [_listed(item) for item in items], source


def _listed(item: Any) -> Any:
    """Quote an entity tag, as S3 does in listings."""
    if isinstance(item, dict) and "Etag" in item:
        return item | {"Etag": f'"{item["Etag"].strip(chr(34))}"'}
    return item
