"""Key value stores of CloudFront.

ministack ignores ``ImportSource``, and keeps the values of a store that was deleted for the next one of the same name.
Here a store is imported from S3, and its values are deleted with it. See "Create a key value store" in the developer
guide of CloudFront for the file's format.
"""

import json
from collections.abc import Callable
from types import ModuleType
from typing import Any

# A store, or a resource's properties.
Properties = dict[str, Any]
# Status, headers and body.
Answer = tuple[int, dict[str, str], bytes]


def apply() -> None:
    """Patch the API and the resource type of CloudFormation."""
    from ministack.services import cloudfront
    from ministack.services.cloudformation import provisioners

    cloudfront._create_kvs = _imported_by_api(cloudfront)
    cloudfront._delete_kvs = _deleted_by_api(cloudfront._delete_kvs)
    handler = provisioners._RESOURCE_HANDLERS["AWS::CloudFront::KeyValueStore"]
    create, delete = handler["create"], handler["delete"]

    def create_imported(logical_id: str, properties: Properties, stack: str) -> tuple[str, Properties]:
        name, attributes = create(logical_id, properties, stack)
        if source := properties.get("ImportSource"):
            _import(attributes["Arn"], source=source["SourceArn"])
        return name, attributes

    def delete_with_values(name: str, properties: Properties) -> None:
        delete(name, properties)
        _forget(name)

    handler |= {"create": create_imported, "delete": delete_with_values}


def _imported_by_api(cloudfront: ModuleType) -> Callable[[object, bytes], Answer]:
    create: Callable[[object, bytes], Answer] = cloudfront._create_kvs

    def create_imported(headers: object, body: bytes) -> Answer:
        answer = create(headers, body)
        if answer[0] == 201:
            store = cloudfront._kvstores[cloudfront._text(cloudfront._parse_body(body), "Name")]
            if source := store["ImportSource"]:
                _import(store["ARN"], source=source["SourceARN"])
        return answer

    return create_imported


def _deleted_by_api(delete: Callable[[str, object], Answer]) -> Callable[[str, object], Answer]:
    def delete_with_values(name: str, headers: object) -> Answer:
        answer = delete(name, headers)
        if answer[0] == 204:
            _forget(name)
        return answer

    return delete_with_values


def _import(arn: str, *, source: str) -> None:
    from ministack.core.responses import new_uuid
    from ministack.services import cloudfront_keyvaluestore, s3

    bucket, _, key = source.removeprefix("arn:aws:s3:::").partition("/")
    status, _headers, body = s3._get_object(bucket, key, {}, {})
    if status != 200:
        raise ValueError(f"the import source {source} cannot be read")
    items = {it["key"]: it["value"] for it in json.loads(body)["data"]}
    cloudfront_keyvaluestore._stores[arn] = {"etag": new_uuid(), "items": items}


def _forget(name: str) -> None:
    from ministack.services import cloudfront, cloudfront_keyvaluestore

    cloudfront_keyvaluestore._stores.pop(cloudfront._kvs_arn(name), None)
