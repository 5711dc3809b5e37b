"""The step that records an upload as published, and says so."""
