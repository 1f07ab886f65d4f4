"""Attribute values by scope: the admin value (store 0) and what single store views say instead (note §14.1).

A record keeps them as `{"0": {"name": "Mug"}, "2": {"name": "Becher"}}`: store id as text, attribute code, value.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

Values = Mapping[str, Mapping[str, Any]]
ADMIN = 0


def values_in(values: Values, store_id: int) -> dict[str, Any]:
    """What a reader in the store sees: its own values over the admin ones."""
    return {**values.get(str(ADMIN), {}), **(values.get(str(store_id), {}) if store_id != ADMIN else {})}


def values_with(
    values: Values,
    store_id: int,
    changes: Mapping[str, Any],
    scopes: Mapping[str, str],
    website_views: Iterable[int],
) -> dict[str, dict[str, Any]]:
    """The values after a write in a store. None and "" clear: in a view, the admin value shows again.

    `scopes`: attribute code -> `global`, `website` or `store`; a global attribute is written for all whatever the
    store, one of the website in all its views (`website_views`), any other in the store alone.
    """
    written = {store: dict(rows) for store, rows in values.items()}
    views = list(website_views)
    for code, value in changes.items():
        for target in _targets(store_id, scopes.get(code, "store"), views):
            rows = written.setdefault(str(target), {})
            if value is None or value == "":
                rows.pop(code, None)
            else:
                rows[code] = value
    return {store: rows for store, rows in written.items() if rows or store == str(ADMIN)}


def _targets(store_id: int, scope: str, website_views: list[int]) -> list[int]:
    if store_id == ADMIN or scope == "global":
        return [ADMIN]
    return website_views if scope == "website" else [store_id]
