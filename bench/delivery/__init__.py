"""Measure image delivery against its peers."""
