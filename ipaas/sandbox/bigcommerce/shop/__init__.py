"""The shopper's side: what lies in a basket, what it costs, and the sale. Pages and scripted shoppers both use it."""
