"""Runs over stock and items."""
