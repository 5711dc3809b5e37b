"""The step that makes renditions."""
