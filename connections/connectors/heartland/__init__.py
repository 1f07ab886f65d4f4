"""Heartland Retail over REST. Facts and their confidence: the Heartland API notes; sections are named in docstrings."""

from connections.connectors.heartland.client import HeartlandClient

__all__ = ["HeartlandClient"]
