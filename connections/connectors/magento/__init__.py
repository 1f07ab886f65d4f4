"""Magento's REST API. Facts and their confidence: the Magento API notes, named by section."""

from connections.connectors.magento.client import MagentoClient

__all__ = ["MagentoClient"]
