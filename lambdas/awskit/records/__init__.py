"""The records table: its items, and the items of sets of renditions."""
