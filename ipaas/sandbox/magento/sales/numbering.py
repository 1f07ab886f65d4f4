"""Increment ids: the human numbers of documents (apis/magento.md §7).

Every store view counts each kind of document for itself. Its id stands before the nine digits, except of the first
view; with the switch `numbers_overlap` of none, as after a migration, so that views give the same numbers (case M32).
"""

from __future__ import annotations

from ipaas.sandbox.magento.state import Row, State

FIRST_VIEW = 1


def next_number(state: State, kind: str, store_id: int) -> str:
    """The next number of a kind ("order", "invoice", "shipment", "creditmemo") in a store view."""
    key = f"{kind}/{store_id}"
    row = state.sequences.first(key=key) or state.sequences.insert({"key": key, "last": 0})
    state.sequences.update(row["id"], last=row["last"] + 1)
    bare = store_id == FIRST_VIEW or state.switches["numbers_overlap"]
    return f"{'' if bare else store_id}{row['last'] + 1:09d}"


def edited_number(order: Row) -> tuple[str, str, int]:
    """(number, original number, how often edited) of the order that replaces an edited one: `000000412-1`."""
    original = order.get("original_increment_id") or order["increment_id"]
    edits = int(order.get("edit_increment") or 0) + 1
    return f"{original}-{edits}", original, edits
