"""The page of one person: across the merchant's stores and the tills."""
