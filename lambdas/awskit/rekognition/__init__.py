"""Questions to Rekognition about uploads, and the checks of its answers."""
