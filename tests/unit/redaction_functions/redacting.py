"""A redaction service whose function runs in this process, and whose buckets are in the emulator."""

import json
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from botocore.exceptions import ClientError
from botocore.stub import ANY, Stubber
from PIL import Image
from tests.unit.recorded import Recorded
from tests.unit.redaction_functions.messages import batch_about, created, deleted

from redaction.photo.handler import handler
from safelight_contracts.redaction.reviews import PhotoReview, boxes_key
from safelight_local.emulator.process import Emulator

FACE = {"Left": 0.25, "Top": 0.25, "Width": 0.5, "Height": 0.5}


def striped(image_type: str = "JPEG", *, mode: str = "RGB", **options: Any) -> bytes:
    """A picture of 200 x 160 pixels with black and white stripes, 4 pixels wide."""
    picture = Image.new(mode, (200, 160), "black")
    for left in range(0, 200, 8):
        picture.paste("white", (left, 0, left + 4, 160))
    file = BytesIO()
    picture.save(file, image_type, **options)
    return file.getvalue()


def contrast(data: bytes, *, of: tuple[int, int, int, int]) -> int:
    """The difference between the lightest and the darkest pixel of a part of a picture."""
    with Image.open(BytesIO(data)) as picture:
        low, high = picture.convert("L").crop(of).getextrema()
    assert isinstance(low, int)
    assert isinstance(high, int)
    return high - low


INSIDE, OUTSIDE = (70, 60, 130, 100), (0, 0, 30, 30)


@dataclass(frozen=True, kw_only=True)
class Redacting:
    """The buckets of a service, its bus, and a fake Rekognition."""

    emulator: Emulator
    source: str
    destination: str
    reviews: str
    recorded: Recorded
    rekognition: Stubber

    @property
    def s3(self) -> Any:
        return self.emulator.endpoints.s3

    def put(self, data: bytes, *, key: str = "a.jpg", **arguments: Any) -> None:
        self.s3.put_object(Bucket=self.source, Key=key, Body=data, **arguments)

    def delete(self, key: str = "a.jpg") -> None:
        self.s3.delete_object(Bucket=self.source, Key=key)

    def copy(self, key: str = "a.jpg") -> dict[str, Any]:
        found: dict[str, Any] = self.s3.get_object(Bucket=self.destination, Key=key)
        return found | {"Data": found["Body"].read()}

    def copies(self) -> list[str]:
        return self._keys(self.destination)

    def review(self, key: str = "a.jpg") -> PhotoReview:
        found = self.s3.get_object(Bucket=self.reviews, Key=boxes_key(key))
        return PhotoReview.from_json(json.loads(found["Body"].read()))

    def reviewed(self) -> list[str]:
        """The keys of all reviews."""
        return self._keys(self.reviews)

    def _keys(self, bucket: str) -> list[str]:
        found = self.s3.list_objects_v2(Bucket=bucket)
        return [it["Key"] for it in found.get("Contents", ())]

    def sees(self, *boxes: dict[str, float]) -> None:
        """Let Rekognition see faces once."""
        faces = [{"BoundingBox": box, "Confidence": 99.0} for box in boxes]
        self.rekognition.add_response("detect_faces", {"FaceDetails": faces}, {"Image": {"Bytes": ANY}})

    def change(self, key: str = "a.jpg") -> dict[str, Any]:
        """What S3 says of the upload that a key has now, or of its deletion."""
        try:
            found = self.s3.head_object(Bucket=self.source, Key=key)
        except ClientError:
            return deleted()
        return created(etag=found["ETag"], size=found["ContentLength"], version_id=found.get("VersionId"))

    def handle(self, key: str = "a.jpg", *, attempt: int = 1, change: dict[str, Any] | None = None) -> bool:
        """Handle an event about a key, and return whether it succeeded. `change`: default: that of what is there."""
        batch = batch_about(key, bucket=self.source, attempt=attempt, change=change or self.change(key))
        return not handler(batch, None)["batchItemFailures"]

    def redact_then_reject(self) -> str:
        """Redact an upload, reject the next one of its key, and return the version of the first."""
        self.keep_versions()
        self.put(striped())
        self.sees(FACE)
        self.handle()
        older = str(self.change()["object"]["version-id"])
        self.put(b"not an image")
        self.handle()
        return older

    def keep_versions(self) -> None:
        self.s3.put_bucket_versioning(Bucket=self.source, VersioningConfiguration={"Status": "Enabled"})

    def events(self, *, expected: int) -> list[tuple[str, dict[str, Any]]]:
        """The detail type and the detail of the events that were sent."""
        return [(it["detail-type"], it["detail"]) for it in self.recorded.events(expected=expected)]
