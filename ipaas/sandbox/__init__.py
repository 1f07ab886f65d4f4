"""Stand-ins for the outside world: Heartland Retail and BigCommerce as stateful HTTP services."""
