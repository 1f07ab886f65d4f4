"""Orders and what follows them: invoices, shipments, credit memos, transactions (apis/magento.md §7-§13)."""
