"""The step that records an upload as published and announces it."""
