"""The audit trail as a file."""
