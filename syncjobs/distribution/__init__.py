"""Distributing many orders at once: which lines wait, a person's choice as a run, and taking it back."""
