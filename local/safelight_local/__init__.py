"""Run a deployed Safelight app on this machine: emulator, Rekognition stand-in, command line, reports."""
