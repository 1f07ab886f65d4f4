"""The `--scale` catalogue: products and source items computed from their number, a million in no memory."""

from __future__ import annotations

from ipaas.sandbox.magento.state import State


def attach(state: State, count: int, seed: int) -> None:
    """Put the long list behind the catalogue's tables, to reach `count` SKUs; nothing for a small count."""
