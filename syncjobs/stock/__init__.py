"""Stock: Heartland → BigCommerce (one-way). Set work, not a job for each SKU. DESIGN.md, Stock."""
