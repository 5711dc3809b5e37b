"""Visible and invisible watermarks."""
