"""Letting work go on, or rest."""
