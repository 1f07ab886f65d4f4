"""Shoppers and staff of the Magento sandbox: from a basket or a recipe to a placed order, and what is done with it."""
