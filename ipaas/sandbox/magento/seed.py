"""Fills a furnished installation with the shop that all sandboxes share (`ipaas/sandbox/catalog/`)."""

from __future__ import annotations

from ipaas.sandbox.magento import seed_goods, seed_people
from ipaas.sandbox.magento.state import State


def fill(state: State, seed: int) -> None:
    """Goods with their stock, then people and their orders; equal seeds give equal shops."""
    seed_goods.fill(state, seed)
    seed_people.fill(state, seed)
