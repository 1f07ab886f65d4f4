"""BigCommerce's records read and shaped."""
