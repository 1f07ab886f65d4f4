"""Where goods lie and what of them can be sold: sources, stocks, source items, reservations (note §15)."""
