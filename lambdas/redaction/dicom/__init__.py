"""De-identify medical images."""
