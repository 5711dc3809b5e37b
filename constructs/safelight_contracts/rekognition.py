"""Where Rekognition is, and what it accepts as an image ("Guidelines and quotas" in its developer guide)."""

MIN_SIDE = 80
"""The shortest side, in pixels."""

MAX_SIDE = 10_000
"""The longest side, in pixels, of an S3 object."""

MAX_OBJECT_BYTES = 15 * 1024 * 1024
"""The largest S3 object."""

MAX_BYTES = 5 * 1024 * 1024
"""The largest image in a request."""

REGIONS = frozenset(
    {
        "ap-northeast-1",
        "ap-northeast-2",
        "ap-south-1",
        "ap-southeast-1",
        "ap-southeast-2",
        "ap-southeast-5",
        "ap-southeast-7",
        "ca-central-1",
        "eu-central-1",
        "eu-south-2",
        "eu-west-1",
        "eu-west-2",
        "il-central-1",
        "sa-east-1",
        "us-east-1",
        "us-east-2",
        "us-west-1",
        "us-west-2",
    }
)
"""The regions of the partition ``aws`` that have Rekognition, from the endpoints of botocore 1.43.106."""
