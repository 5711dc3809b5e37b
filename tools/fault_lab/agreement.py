"""Compares the public objects of a key with its records, its asset and its events."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import ClientError
from tools.fault_lab.covered import shows_what_is_covered
from tools.fault_lab.items import open_sets, plain
from tools.fault_lab.lab import FaultLab
from tools.fault_lab.scenarios import COVERED

from safelight_contracts.events import detail_type
from safelight_contracts.keys import place_id
from safelight_contracts.records import UPLOADS, Status, asset_key, sequencer_of, upload_partition
from safelight_local.aws.records import to_dynamodb


@dataclass(frozen=True, kw_only=True)
class Public:
    """Everything that exists for a key.

    `records`: those of its uploads, the oldest first.
    `kept`: the prefixes of replaced sets whose time has not come.
    `stored`: the keys in the published bucket, of old versions too.
    `readable`: of those and of all that an event or the asset ever named: the ones that a reader gets.
    `bare`: the readable ones that show what their route covers.
    """

    records: tuple[Mapping[str, Any], ...]
    asset: Mapping[str, Any] | None
    kept: tuple[str, ...]
    stored: frozenset[str]
    readable: frozenset[str]
    bare: frozenset[str]
    events: tuple[Mapping[str, Any], ...]


def look_at_public(lab: FaultLab, *, workflow: str, key: str) -> Public:
    """Read everything that exists for a key."""
    deployed = lab.workflows[workflow]
    answer = lab.aws.dynamodb.query(
        TableName=deployed.records_table,
        KeyConditionExpression="pk = :pk AND begins_with(sk, :upload)",
        ExpressionAttributeValues={
            ":pk": {"S": upload_partition(key, workflow=deployed.workflow_id)},
            ":upload": {"S": UPLOADS},
        },
        ConsistentRead=True,
    )
    place = place_id(key, prefix=deployed.key_prefix)
    asset = lab.aws.dynamodb.get_item(
        TableName=deployed.records_table,
        Key=to_dynamodb(asset_key(key, place_id=place, workflow=deployed.workflow_id)),
        ConsistentRead=True,
    ).get("Item")
    now = datetime.now(UTC).isoformat()
    kept = [item["prefix"] for item in open_sets(lab, workflow, kind="OBSOLETE", key=key) if item["dueAt"] > now]
    found = lab.aws.s3.list_object_versions(Bucket=deployed.published_bucket, Prefix=f"{key}/")
    stored = {there["Key"] for there in (*found.get("Versions", []), *found.get("DeleteMarkers", []))}
    events = lab.events_of(key)
    read = None if asset is None else plain(asset)
    named = {rendition["key"] for event in events for rendition in event["detail"]["renditions"]}
    pointed = {rendition["key"] for rendition in (read or {}).get("renditions", ())}
    readable = {name: data for name in stored | named | pointed if (data := _read(lab, workflow, name)) is not None}
    is_covered = key.endswith(f"/{COVERED.name}.jpg")
    return Public(
        records=tuple(plain(item) for item in answer["Items"]),
        asset=read,
        kept=tuple(kept),
        stored=frozenset(stored),
        readable=frozenset(readable),
        bare=frozenset(name for name, data in readable.items() if is_covered and shows_what_is_covered(data)),
        events=tuple(events),
    )


def _read(lab: FaultLab, workflow: str, key: str) -> bytes | None:
    try:
        return lab.aws.s3.get_object(Bucket=lab.workflows[workflow].published_bucket, Key=key)["Body"].read()
    except ClientError as error:
        if error.response["Error"]["Code"] != "NoSuchKey":
            raise
        return None


def disagreements(public: Public) -> Iterator[str]:
    """List all disagreements."""
    pointed = {rendition["key"] for rendition in (public.asset or {}).get("renditions", ())}
    allowed = {key for key in public.stored | public.readable if key in pointed or key.startswith(public.kept)}
    if left := public.stored - allowed:
        yield f"{len(left)} left in the bucket"
    if readable := public.readable - allowed:
        yield f"{len(readable)} readable"
    if public.bare:
        yield f"{len(public.bare)} show what is covered"
    if missing := pointed - public.readable:
        yield f"{len(missing)} missing"
    for record in public.records:
        if record["status"] == Status.PROCESSING:
            yield record["status"]
        elif "claimedBy" in record:
            yield "claimed"
        elif not _is_announced(record, events=public.events):
            yield f"{record['status']} was not announced"
    yield from _asset_and_record(public)


def _asset_and_record(public: Public) -> Iterator[str]:
    current = [one for one in public.records if one["status"] == Status.PUBLISHED and "supersededBy" not in one]
    if len(current) > 1:
        yield f"{len(current)} published at the same time"
    elif not current and public.asset is not None:
        yield "an asset without a published upload"
    elif current and public.asset is None:
        yield "no asset"
    elif public.asset is not None:
        (record,) = current
        same = all(record[name] == public.asset[name] for name in ("attempt", "renditions", "executionArn"))
        if not same or sequencer_of(record["sk"]) != public.asset["sequencer"]:
            yield "an asset of another upload"


def _is_announced(record: Mapping[str, Any], *, events: tuple[Mapping[str, Any], ...]) -> bool:
    wanted = (detail_type(Status(record["status"])), record["executionArn"])
    details = [event["detail"] for event in events if (event["detail-type"], event["detail"]["executionArn"]) == wanted]
    if record["status"] == Status.WITHDRAWN and "supersededBy" in record:
        # None of its renditions were published any more.
        return True
    if record["status"] != Status.PUBLISHED:
        return bool(details)
    keys = [rendition["key"] for rendition in record["renditions"]]
    return any([rendition["key"] for rendition in detail["renditions"]] == keys for detail in details)
