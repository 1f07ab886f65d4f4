"""A Django app that adds a toy flow to the product, for tests that start real workers."""
