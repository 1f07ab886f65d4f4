"""The list of orders to distribute."""
