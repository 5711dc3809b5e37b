"""The thin AWS edge that the steps share: uploads, reads, verdicts, records, events, logs."""
