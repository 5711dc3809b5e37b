"""Redaction: faces, plates and text, in photographs, video and medical images."""
