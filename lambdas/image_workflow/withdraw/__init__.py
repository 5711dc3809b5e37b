"""The function that withdraws what is published of an upload that was deleted."""
