"""Reads what the CDK has synthesised: the stacks of an app, where they go, and what their custom resources need."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from safelight_local.emulator.endpoints import Environment

MANIFEST = "manifest.json"
"""The file in the output folder of the CDK that lists all others."""

_DEFAULT_QUALIFIER = "hnb659fds"
_ENVIRONMENT = re.compile(r"aws://(?P<account>\d{12}|unknown-account)/(?P<region>[\w-]+)")
_BOOTSTRAP_PARAMETER = re.compile(r"/cdk-bootstrap/(?P<qualifier>[\w-]+)/version")
_SDK_PACKAGE = re.compile(r"""require\(["'](@aws-sdk/[\w-]+)["']\)""")
# Only in the handler of AwsCustomResource: names of services -> names of packages, where these differ.
_SERVICE_NAMES = re.compile(r"exports=\{(acmpca:[^}]*)\}")
_SERVICE_NAME = re.compile(r"""["']?([\w-]+)["']?:["']([\w-]+)["']""")
_SERVICE = re.compile(r"""["\\]service["\\]+:["\\]+([@\w/-]+)""")


@dataclass(frozen=True, kw_only=True, order=True)
class Bootstrap:
    """What a stack needs in its environment before it can be deployed."""

    environment: Environment
    qualifier: str

    @property
    def is_default(self) -> bool:
        """Whether the qualifier is the CDK's own."""
        return self.qualifier == _DEFAULT_QUALIFIER

    @property
    def version_parameter(self) -> str:
        """The SSM parameter that exists once the environment is bootstrapped."""
        return f"/cdk-bootstrap/{self.qualifier}/version"


@dataclass(frozen=True, kw_only=True)
class Stack:
    """A stack of an assembly.

    `bootstrap`: where it goes, and by which resources of the CDK.
    """

    name: str
    bootstrap: Bootstrap
    template: Path

    @cached_property
    def resources(self) -> dict[str, dict[str, Any]]:
        """Logical id -> resource."""
        found: dict[str, dict[str, Any]] = json.loads(self.template.read_text()).get("Resources", {})
        return found


@dataclass(frozen=True, kw_only=True)
class CustomResource:
    """A custom resource, and the packages that its handler needs.

    `type`: such as ``Custom::S3AutoDeleteObjects``.
    `packages`: Packages of the AWS SDK for Node.js, such as ``@aws-sdk/client-s3``.
    """

    type: str
    path: str
    packages: frozenset[str]


def needs_lookups(folder: Path) -> bool:
    """Whether an app was run without the answers to lookups that it asks for.

    Result: also False if the app has failed before it wrote anything.
    """
    file = folder / MANIFEST
    return file.is_file() and bool(json.loads(file.read_text()).get("missing"))


def read_stacks(folder: Path) -> list[Stack]:
    """List the stacks of an assembly and of the assemblies nested in it, one for each stage.

    An account or region that a stack leaves open is that of `Environment`.
    """
    artifacts = json.loads((folder / MANIFEST).read_text()).get("artifacts", {})
    stacks: list[Stack] = []
    for name, artifact in artifacts.items():
        properties = artifact.get("properties", {})
        if artifact["type"] == "cdk:cloud-assembly":
            stacks += read_stacks(folder / properties["directoryName"])
        elif artifact["type"] == "aws:cloudformation:stack":
            stacks.append(
                Stack(
                    name=properties.get("stackName", name),
                    bootstrap=_bootstrap(artifact["environment"], properties),
                    template=folder / properties["templateFile"],
                )
            )
    return stacks


def custom_resources(stack: Stack) -> Iterator[CustomResource]:
    """Find the custom resources of a stack whose handlers run on Node.js.

    Result: in the order of the template.
    """
    for name, resource in stack.resources.items():
        if not resource["Type"].startswith(("Custom::", "AWS::CloudFormation::CustomResource")):
            continue
        properties = resource.get("Properties", {})
        handler = stack.resources.get(_logical_id(properties.get("ServiceToken")), {})
        if not str(handler.get("Properties", {}).get("Runtime", "")).startswith("nodejs"):
            continue
        source = _source(handler, folder=stack.template.parent)
        packages = set(_SDK_PACKAGE.findall(source)) | _packages_of_calls(properties, source=source)
        path = resource.get("Metadata", {}).get("aws:cdk:path", f"{stack.name}/{name}")
        yield CustomResource(type=resource["Type"], path=path, packages=frozenset(packages))


def _bootstrap(environment: str, properties: dict[str, Any]) -> Bootstrap:
    found = _ENVIRONMENT.fullmatch(environment)
    named = {} if found is None else {key: it for key, it in found.groupdict().items() if not it.startswith("unknown-")}
    qualifier = _BOOTSTRAP_PARAMETER.fullmatch(properties.get("bootstrapStackVersionSsmParameter", ""))
    return Bootstrap(
        environment=Environment(**named), qualifier=qualifier["qualifier"] if qualifier else _DEFAULT_QUALIFIER
    )


def _logical_id(service_token: object) -> str:
    match service_token:
        case {"Fn::GetAtt": [str(name), "Arn"]} | {"Ref": str(name)}:
            return name
        case _:
            return ""


def _source(handler: dict[str, Any], *, folder: Path) -> str:
    asset = handler.get("Metadata", {}).get("aws:asset:path")
    if asset is None:
        return str(handler["Properties"].get("Code", {}).get("ZipFile", ""))
    return "\n".join(file.read_text(errors="replace") for file in sorted((folder / asset).glob("**/*js")))


def _packages_of_calls(properties: dict[str, Any], *, source: str) -> set[str]:
    names = _SERVICE_NAMES.search(source)
    # The type of the resource does not tell: AwsCustomResource has an argument for it.
    if names is None:
        return set()
    renamed = dict(_SERVICE_NAME.findall(names[1]))
    # The calls are JSON, in strings that may have tokens in them.
    services = {it.lower().removeprefix("@aws-sdk/client-") for it in _SERVICE.findall(json.dumps(properties))}
    return {f"@aws-sdk/client-{renamed.get(it, it)}" for it in services}
