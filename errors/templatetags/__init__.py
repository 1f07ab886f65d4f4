"""Template tags about problems, for pages of inner rooms."""
