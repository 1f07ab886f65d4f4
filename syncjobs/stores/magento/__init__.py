"""Magento behind the store port: its client and its mapping joined."""
