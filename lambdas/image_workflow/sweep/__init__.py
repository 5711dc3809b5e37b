"""The function that finishes what executions left that ended early."""
