"""Deployed workflows, read and driven through the APIs of AWS: on the emulator and in a real account."""
