"""Pages about systems and their connection. One module per topic."""
