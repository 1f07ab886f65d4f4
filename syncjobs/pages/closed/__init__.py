"""Records closed by hand, one or many, with the way back."""
