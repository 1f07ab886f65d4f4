"""Gift cards: what is owed on them, and what each moved."""
