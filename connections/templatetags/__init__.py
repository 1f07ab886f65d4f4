"""Template tags for every room's pages."""
