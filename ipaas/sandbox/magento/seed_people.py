"""Customers with their addresses, and the orders of the shared shop."""

from __future__ import annotations

from ipaas.sandbox.magento.state import State


def fill(state: State, seed: int) -> None:
    """Insert the people of the shop and what they bought."""
