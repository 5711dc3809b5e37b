"""Replaces files in the code of deployed functions, without a deployment."""

import base64
import io
import re
import ssl
import urllib.request
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from safelight_local.emulator.endpoints import Endpoints
from safelight_local.saved_files import Change

_BASE64 = re.compile(r"(\$base64decode\(')([A-Za-z0-9+/=]+)('\))")
"""Where the library's definitions hold the functions of checks."""


@dataclass(frozen=True, kw_only=True)
class _Function:
    name: str
    arn: str
    code: bytes
    entries: Mapping[str, bytes]


def update_functions(endpoints: Endpoints, *, changes: Sequence[Change]) -> list[str] | None:
    """Replace saved files in the code of the functions that have them.

    A file belongs to a function if the function's code has a file of the same name, in folders of the same names, with
    the content from before. State machines that call a version of a function call its new version afterwards.

    Parameters
    ----------
    endpoints : Endpoints
        The emulator.
    changes : Sequence[Change]
        The saved files.

    Returns
    -------
    list[str] or None
        The names of the functions, whose next call runs the new code. None if a deployment is needed, and nothing is
        changed then: a file was created or deleted, a file belongs to no function, or a version of a function is called
        by something other than a state machine.
    """
    if any(change.before is None or change.after is None for change in changes):
        return None
    concerned = [function for there in endpoints.everywhere for function in _functions(there, changes=changes)]
    replaced = {content for function in concerned for content in function.entries.values()}
    if not concerned or any(change.after not in replaced for change in changes):
        return None
    definitions = {arn: it for there in endpoints.everywhere for arn, it in _definitions(there).items()}
    with_versions = [function for function in concerned if _has_versions(endpoints, function)]
    if not all(_is_called(function, definitions=definitions) for function in with_versions):
        return None
    for function in concerned:
        client = endpoints.of(function.arn).lambda_
        client.update_function_code(FunctionName=function.name, ZipFile=_new_code(function))
    versions = {
        it.arn: endpoints.of(it.arn).lambda_.publish_version(FunctionName=it.name)["Version"] for it in with_versions
    }
    for machine, definition in definitions.items():
        changed = _with_versions(definition, versions)
        if changed != definition:
            client_of_machine = endpoints.of(machine).stepfunctions
            client_of_machine.update_state_machine(stateMachineArn=machine, definition=changed)
    return [function.name for function in concerned]


def _functions(endpoints: Endpoints, *, changes: Sequence[Change]) -> Iterator[_Function]:
    """Read the functions that have one of the files."""
    for page in endpoints.lambda_.get_paginator("list_functions").paginate():
        for listed in page["Functions"]:
            found = _read(endpoints, name=listed["FunctionName"], arn=listed["FunctionArn"], changes=changes)
            if found.entries:
                yield found


def _read(endpoints: Endpoints, *, name: str, arn: str, changes: Sequence[Change]) -> _Function:
    location = endpoints.lambda_.get_function(FunctionName=name)["Code"]["Location"]
    # The emulator serves TLS on its port, and names the address without it.
    secure = location.replace("http://", "https://", 1)
    opener = urllib.request.build_opener(
        urllib.request.ProxyHandler({}),
        urllib.request.HTTPSHandler(context=ssl.create_default_context(cafile=str(endpoints.ca_bundle))),
    )
    with opener.open(secure, timeout=30) as answer:
        code: bytes = answer.read()
    entries = {}
    with zipfile.ZipFile(io.BytesIO(code)) as archive:
        names = set(archive.namelist())
        for change in changes:
            entry = next((it for it in _names_in_code(change.path) if it in names), None)
            if entry is not None and archive.read(entry) == change.before:
                entries[entry] = change.after or b""
    return _Function(name=name, arn=arn, code=code, entries=entries)


def _names_in_code(path: Path) -> list[str]:
    """Return what a file may be called in the code of a function, the longest first."""
    return ["/".join(path.parts[first:]) for first in range(1, len(path.parts))]


def _has_versions(endpoints: Endpoints, function: _Function) -> bool:
    pages = (
        endpoints.of(function.arn)
        .lambda_.get_paginator("list_versions_by_function")
        .paginate(FunctionName=function.name)
    )
    return any(it["Version"] != "$LATEST" for page in pages for it in page["Versions"])


def _is_called(function: _Function, *, definitions: Mapping[str, str]) -> bool:
    """Whether a state machine calls a version of a function."""
    changed = {function.arn: "changed"}
    return any(_with_versions(it, changed) != it for it in definitions.values())


def _new_code(function: _Function) -> bytes:
    compiled = {_compiled(entry) for entry in function.entries}
    written = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(function.code)) as before,
        zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as after,
    ):
        for info in before.infolist():
            # Python takes bytecode that was compiled beforehand for the file's own, whatever the file says.
            if not any(info.filename.startswith(it) for it in compiled):
                replaced = function.entries.get(info.filename)
                after.writestr(info, before.read(info) if replaced is None else replaced)
    return written.getvalue()


def _compiled(entry: str) -> str:
    """Return what the names of a Python file's bytecode begin with."""
    path = PurePosixPath(entry)
    return str(path.parent / "__pycache__" / f"{path.stem}.cpython-")


def _definitions(endpoints: Endpoints) -> dict[str, str]:
    client = endpoints.stepfunctions
    return {
        machine["stateMachineArn"]: client.describe_state_machine(stateMachineArn=machine["stateMachineArn"])[
            "definition"
        ]
        for page in client.get_paginator("list_state_machines").paginate()
        for machine in page["stateMachines"]
    }


def _with_versions(definition: str, versions: Mapping[str, str]) -> str:
    """Let a definition call versions of functions, by the functions' ARNs."""

    def inside(found: re.Match[str]) -> str:
        text = _replaced(base64.b64decode(found[2]).decode(), versions)
        return f"{found[1]}{base64.b64encode(text.encode()).decode()}{found[3]}"

    return _BASE64.sub(inside, _replaced(definition, versions))


def _replaced(text: str, versions: Mapping[str, str]) -> str:
    for arn, version in versions.items():
        text = re.sub(rf"{re.escape(arn)}:\d+", f"{arn}:{version}", text)
    return text
