"""Categories, attributes with options, products and their stock of the shared shop."""

from __future__ import annotations

from ipaas.sandbox.magento.state import State


def fill(state: State, seed: int) -> None:
    """Insert the goods of the shop."""
