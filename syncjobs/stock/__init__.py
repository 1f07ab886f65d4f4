"""Stock: Heartland → store (one-way). Set work, not a job for each SKU. DESIGN.md, Stock."""
