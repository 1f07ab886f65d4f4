"""The proof that no order is lost: each day's orders by the store's own list, each in exactly one disposition."""
