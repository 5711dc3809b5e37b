"""Secrets of CloudFormation.

ministack's ``Ref`` of a secret is its name, so that policies that name a secret by ``Ref``, as the CDK's do, permit
nothing, and it generates characters that the template excludes by their kind. Here ``Ref`` is the ARN. See "Return
values" of ``AWS::SecretsManager::Secret`` and its ``GenerateSecretString`` in the reference of CloudFormation.
"""

import string
from typing import Any

# A resource's properties, or its attributes.
Properties = dict[str, Any]

_KINDS = {
    "ExcludeLowercase": string.ascii_lowercase,
    "ExcludeNumbers": string.digits,
    "ExcludePunctuation": string.punctuation,
    "ExcludeUppercase": string.ascii_uppercase,
}


def apply() -> None:
    """Patch the resource type of CloudFormation."""
    from ministack.services.cloudformation import provisioners

    handler = provisioners._RESOURCE_HANDLERS["AWS::SecretsManager::Secret"]
    create, update, delete = handler["create"], handler["update"], handler["delete"]
    generate = provisioners._sm_secret_string

    def create_with_arn(logical_id: str, properties: Properties, stack: str) -> tuple[str, Properties]:
        _name, attributes = create(logical_id, properties, stack)
        return attributes["Arn"], attributes

    def update_by_arn(
        arn: str, old: Properties, new: Properties, stack: str, logical_id: str | None = None
    ) -> tuple[str, Properties]:
        _name, attributes = update(_name_in(arn), old, new, stack, logical_id)
        return attributes["Arn"], attributes

    def delete_by_arn(arn: str, properties: Properties) -> None:
        delete(_name_in(arn), properties)

    def generate_without_kinds(properties: Properties) -> str:
        rules = properties.get("GenerateSecretString") or {}
        kinds = "".join(characters for kind, characters in _KINDS.items() if str(rules.get(kind)).lower() == "true")
        excluded = rules | {"ExcludeCharacters": rules.get("ExcludeCharacters", "") + kinds}
        made: str = generate(properties | ({"GenerateSecretString": excluded} if rules else {}))
        return made

    handler |= {"create": create_with_arn, "update": update_by_arn, "delete": delete_by_arn}
    provisioners._sm_secret_string = generate_without_kinds


def _name_in(arn: str) -> str:
    # AWS adds a hyphen and six characters to the name.
    return arn.rpartition(":")[2].rpartition("-")[0]
