"""The workflows of an app that publish what they have checked, for systems that read it. They register here."""

from dataclasses import dataclass
from weakref import WeakKeyDictionary

from aws_cdk import aws_dynamodb, aws_events, aws_s3
from constructs import Construct, IConstruct


@dataclass(frozen=True, kw_only=True)
class Publisher:
    """What a workflow takes and publishes.

    Parameters
    ----------
    path
        The path of its construct, for messages.
    copies
        The buckets in which it keeps copies of what it takes, under the same keys.
    published_prefix
        A prefix of every published key, before the key of the object that was taken.
    published_names
        The names of what it publishes of each object.
    """

    path: str
    workflow_id: str
    records: aws_dynamodb.ITable
    event_bus: aws_events.IEventBus
    upload_bucket: aws_s3.IBucket
    copies: tuple[aws_s3.IBucket, ...]
    key_prefix: str
    published_bucket: aws_s3.IBucket
    published_prefix: str
    published_names: tuple[str, ...]


_REGISTERED: WeakKeyDictionary[Construct, Publisher] = WeakKeyDictionary()


def register_publisher(construct: Construct, publisher: Publisher) -> None:
    """Make a workflow known to the systems of its app."""
    _REGISTERED[construct] = publisher


def publishers_of_app(scope: IConstruct) -> list[Publisher]:
    """Return the workflows in the app of a construct. They are all there only when the app is complete."""
    return [
        _REGISTERED[it] for it in scope.node.root.node.find_all() if isinstance(it, Construct) and it in _REGISTERED
    ]
