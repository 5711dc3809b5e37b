"""The console's page of redactions: what was covered in photographs and videos, before and after."""
