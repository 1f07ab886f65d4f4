"""Heartland Retail as a stateful HTTP service, after the Heartland API note; paragraph numbers refer to it."""
