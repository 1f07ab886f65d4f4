"""Payouts of gateways beside the orders' payments."""
