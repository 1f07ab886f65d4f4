"""What staff write on an order or a SKU."""
