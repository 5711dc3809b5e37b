"""Objects in S3: uploads that are read, renditions that are written, and uploads that are removed."""
