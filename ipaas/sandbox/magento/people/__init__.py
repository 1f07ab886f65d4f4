"""Customers, their addresses and groups, and what they have as credit (apis/magento.md §17, §18)."""
