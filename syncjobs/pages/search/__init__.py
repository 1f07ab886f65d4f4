"""What is found by a few words: orders, items, shoppers, callbacks."""
