"""Heartland's records read, shaped and compared."""
