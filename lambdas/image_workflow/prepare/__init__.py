"""The step that prepares the analysis image of an upload, which all checks look at."""
