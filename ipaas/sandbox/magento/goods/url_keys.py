"""Addresses of product pages: made from names, one of a kind in each store view (note §14.2, case M13)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import Any

from ipaas.sandbox.magento.errors import bad
from ipaas.sandbox.magento.state import State

TAKEN = "URL key for specified store already exists."


def url_key_of(name: str) -> str:
    """`Trail Mug 350 ml` as `trail-mug-350-ml`."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")


def url_keys_claim(state: State, product_id: int, values: Mapping[str, Mapping[str, Any]]) -> None:
    """Hold the keys of a product, or refuse one that another product has in the same store view."""
    wanted = {(int(store), rows["url_key"]) for store, rows in values.items() if rows.get("url_key")}
    for store, key in wanted:
        if any(
            row["store_id"] == store and row["product_id"] != product_id for row in state.url_keys.find(url_key=key)
        ):
            raise bad(TAKEN)
    held = {(row["store_id"], row["url_key"]): row["id"] for row in state.url_keys.find(product_id=product_id)}
    for gone in held.keys() - wanted:
        state.url_keys.delete(held[gone])
    for store, key in wanted - held.keys():
        state.url_keys.insert({"product_id": product_id, "store_id": store, "url_key": key})


def url_keys_release(state: State, product_id: int) -> None:
    """Give the keys of a deleted product back."""
    for row in state.url_keys.find(product_id=product_id):
        state.url_keys.delete(row["id"])
