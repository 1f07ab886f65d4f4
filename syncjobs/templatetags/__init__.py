"""Template tags that read across rooms: the frame of every page."""
