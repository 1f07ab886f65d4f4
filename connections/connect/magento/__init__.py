"""Magento: the three ways to connect one, its pages, its access, and what is checked there."""
