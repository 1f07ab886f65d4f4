"""Source items of the computed catalogue: a million quantities in flat memory, readable, writable, kept in the file.

The items of `--scale` are rows that nobody stored. A write packs 512 of them into one row of `level_pages`
(`{packed}`: their quantities in ten-thousandths and their statuses), so that undo and file work as for any row.
"""

from __future__ import annotations

import base64
from array import array
from decimal import Decimal
from functools import lru_cache

from ipaas.sandbox.magento.state import State

PER_PAGE = 512
PLACES = 4  # DECIMAL(12,4)
QUANTITY_BYTES = 8


def is_of_long_list(state: State, item_id: int) -> bool:
    """Whether a source item is a computed one that is not stored by itself."""
    return item_id in state.source_items.lazy.ids and not state.source_items.is_stored(item_id)


def long_list_level(state: State, item_id: int, quantity: int, status: int) -> tuple[Decimal, int]:
    """Quantity and status of a computed source item: as written, or as given where nothing was."""
    page, place = divmod(item_id, PER_PAGE)
    row = state.level_pages.get(page)
    if row is None:
        return Decimal(quantity), status
    quantities, statuses = _unpacked(row["packed"])
    if statuses[place] == UNTOUCHED:
        return Decimal(quantity), status
    return Decimal(quantities[place]).scaleb(-PLACES), statuses[place]


UNTOUCHED = 255


def long_list_level_set(state: State, item_id: int, quantity: Decimal, status: int) -> None:
    """Write quantity and status of a computed source item."""
    page, place = divmod(item_id, PER_PAGE)
    row = state.level_pages.get(page)
    held_quantities, held_statuses = _unpacked(row["packed"]) if row else EMPTY
    quantities, statuses = array("q", held_quantities), bytearray(held_statuses)
    quantities[place], statuses[place] = int(quantity.scaleb(PLACES)), status
    packed = base64.b64encode(quantities.tobytes() + bytes(statuses)).decode()
    if row is None:
        state.level_pages.insert({"id": page, "packed": packed})
    else:
        state.level_pages.update(page, packed=packed)


EMPTY = (array("q", bytes(QUANTITY_BYTES * PER_PAGE)), bytes([UNTOUCHED]) * PER_PAGE)


@lru_cache(maxsize=64)
def _unpacked(packed: str) -> tuple[array[int], bytes]:
    raw = base64.b64decode(packed)
    return array("q", raw[: QUANTITY_BYTES * PER_PAGE]), raw[QUANTITY_BYTES * PER_PAGE :]
