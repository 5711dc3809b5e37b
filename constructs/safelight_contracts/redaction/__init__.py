"""What the constructs, functions and commands of redaction agree on."""
