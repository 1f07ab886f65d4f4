"""What the shop sells: attributes, products, prices, pictures, categories (note §14)."""
