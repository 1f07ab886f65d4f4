"""Runs over everything: the engine that works them slice by slice, and what their walks have in common."""
