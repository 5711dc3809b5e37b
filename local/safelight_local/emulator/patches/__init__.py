"""One file a patch of ministack; each docstring says what upstream lacks."""
