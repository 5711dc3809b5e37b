"""The function that removes the private files of an execution."""
