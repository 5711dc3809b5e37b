"""What Rekognition accepts as an image ("Guidelines and quotas in Amazon Rekognition" in its developer guide)."""

MIN_SIDE = 80
"""The shortest side, in pixels."""

MAX_SIDE = 10_000
"""The longest side, in pixels, of an S3 object."""

MAX_OBJECT_BYTES = 15 * 1024 * 1024
"""The largest S3 object."""

MAX_BYTES = 5 * 1024 * 1024
"""The largest image in a request."""
