"""The function that finishes what executions left which ended before their time."""
