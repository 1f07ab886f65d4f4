"""Heartland behind the POS port."""
