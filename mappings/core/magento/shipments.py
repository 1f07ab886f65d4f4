"""Shipments of a Magento order. Magento notes §8.3, §10.

A bundle leaves as a whole by the id of its own row, or part by part by theirs: its product says which.
"""

import re
from collections import Counter
from collections.abc import Collection, Mapping
from typing import Any

from mappings.core.canonical.json_fields import Row
from mappings.core.canonical.shipment import Invoice, Pieces, Shipment, pieces_sorted
from mappings.core.magento.order_rows import BUNDLE
from mappings.core.magento.tracking import CARRIER, NUMBERS, shown_by

MARK = re.compile(r"\[heartland:invoice:(\S+)\]")
Parts = Mapping[str, Mapping[str, int]]  # row of a bundle → rows of its parts → pieces of each in one bundle


def comment_of(invoice: Invoice, further: Collection[str]) -> str:
    """What we note on a shipment: by it our own is known again when the answer was lost."""
    more = f" Further tracking numbers: {', '.join(further)}." if further else ""
    return f"Heartland invoice {invoice.number}.{more} [heartland:invoice:{invoice.id}]"


def parts_of(order: Mapping[str, Any]) -> Parts:
    """The bundles of an order."""
    rows = list(Row(order, f"Order {order.get('entity_id') or '?'}").rows("items", "line"))
    bundles = {row.identifier("item_id"): row for row in rows if row.text("product_type") == BUNDLE}
    found: dict[str, dict[str, int]] = {}
    for row in rows:
        bundle = bundles.get(row.identifier("parent_item_id"))
        if bundle is not None:
            each = row.amount("qty_ordered") / bundle.amount("qty_ordered")
            found.setdefault(bundle.identifier("item_id"), {})[row.identifier("item_id")] = int(each)
    return found


def shipment_from_magento(answer: Mapping[str, Any], parts: Parts) -> Shipment:
    """Read a shipment: the pieces by the lines of the order, those of whole bundles by their parts."""
    row = Row(answer, f"Shipment {answer.get('entity_id') or '?'}")
    pieces = Counter[str]()
    for item in row.rows("items", "line"):
        line, count = item.identifier("order_item_id"), int(item.amount("qty"))
        for part, each in parts.get(line, {line: 1}).items():
            pieces[part] += count * each
    told = shown_by(track.data for track in row.rows("tracks", "track"))
    marks = (MARK.search(comment.text("comment")) for comment in row.rows("comments", "comment"))
    return Shipment(
        id=row.identifier("entity_id"),
        address_id=row.identifier("shipping_address_id"),
        pieces=pieces_sorted({line: count for line, count in pieces.items() if count}),
        told=told,
        tracking_number=told[NUMBERS],
        carrier=told[CARRIER],
        invoice_id=next((mark[1] for mark in marks if mark), ""),
    )


def by_bundles(pieces: Pieces, parts: Parts, whole: Collection[str]) -> dict[str, int] | None:
    """Pieces by the rows that a shipment names, where bundles in `whole` leave undivided; None when some would not."""
    left = Counter(dict(pieces))
    for bundle in whole:
        counts = {left[part] // each if each else 0 for part, each in parts[bundle].items()}
        if len(counts) != 1 or any(left[part] % each for part, each in parts[bundle].items() if each):
            return None
        (count,) = counts
        for part in parts[bundle]:
            del left[part]
        left[bundle] = count
    return {line: count for line, count in left.items() if count}
