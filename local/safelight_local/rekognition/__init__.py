"""A stand-in for Amazon Rekognition on this machine: its JSON protocol, answered by real models."""
