"""The Order Fulfillment tab."""
