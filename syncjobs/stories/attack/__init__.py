"""Attacks on the running product behind its front server, as GUARANTEES.md §3 has them: `manage.py attack`."""
