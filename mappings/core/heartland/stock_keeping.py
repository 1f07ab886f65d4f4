"""Whether Heartland keeps stock of an item: a service or a digital good has none."""

from collections.abc import Iterable, Mapping
from typing import Any


def keeps_stock(items: Iterable[Mapping[str, Any]]) -> dict[int, bool]:
    """By item id, of those whose rows say."""
    return {int(row["id"]): row["track_inventory?"] for row in items if isinstance(row.get("track_inventory?"), bool)}
