"""Redaction: covers faces, text and number plates in the objects of a bucket."""
