"""Alerts: what is watched, what is told to whom, and the outbox that tells it."""
