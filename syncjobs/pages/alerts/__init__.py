"""Alerts: what is so now, what is told of it, and to whom."""
