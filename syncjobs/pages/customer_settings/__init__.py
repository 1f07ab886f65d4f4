"""How customers are kept alike."""
