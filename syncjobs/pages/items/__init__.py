"""The Items Information tab, and linking by hand."""
