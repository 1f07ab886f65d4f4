"""The list of orders, and one order with both systems side by side."""
