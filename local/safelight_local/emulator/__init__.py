"""The AWS emulator: starts it patched, deploys CDK apps to it, stops it."""
