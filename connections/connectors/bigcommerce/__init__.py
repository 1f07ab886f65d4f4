"""BigCommerce's store management API. Facts and their confidence: the BigCommerce API notes, named by section."""

from connections.connectors.bigcommerce.client import BigCommerceClient

__all__ = ["BigCommerceClient"]
