"""Orders, shipments and what becomes of them, between Magento and Heartland over HTTP."""
