"""Custom fields of products: how they get their ids."""

from __future__ import annotations

from ipaas.sandbox.bigcommerce.state import Row


def numbered(fields: list[Row]) -> list[Row]:
    """The fields with ids; those of a product write have none yet and count on from the others."""
    used = max((field["id"] for field in fields if isinstance(field.get("id"), int)), default=0)
    found = []
    for field in fields:
        if isinstance(field.get("id"), int):
            found.append(field)
        else:
            used += 1
            found.append({**field, "id": used})
    return found
