"""Outcomes of uploads: publication, withdrawal, what a sweep closes, and their announcement."""
