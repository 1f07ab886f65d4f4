"""Connecting stores: a room for each kind, with its pages, its install and what is asked while it is set up."""
