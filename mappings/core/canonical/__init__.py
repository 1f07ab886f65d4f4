"""Canonical records: our own shape of orders, products and what hangs on them."""
