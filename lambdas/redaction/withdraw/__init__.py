"""The function that deletes what a failed execution has published."""
