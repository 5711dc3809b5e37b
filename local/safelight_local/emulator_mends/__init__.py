"""What ministack lacks, and how the emulator's launcher puts it back: one module a subject."""
