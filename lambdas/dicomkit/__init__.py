"""Pure logic of medical images (DICOM): bytes and values in, bytes and values out. It knows no AWS.

It is no certified process of de-identification. What it is not sure of is a named quarantine.
"""
