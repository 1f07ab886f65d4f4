"""Orders of Heartland's desk, to be recorded in the store."""
