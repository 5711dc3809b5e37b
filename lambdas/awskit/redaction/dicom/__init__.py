"""De-identify the medical images of a bucket. No name of a patient gets into a key, a log or an event."""
