"""All merchants and how they are, for platform staff."""
