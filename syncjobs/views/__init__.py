"""Pages about records and their work: dashboard, orders, Order Fulfillment tab, retry. One module per topic."""
