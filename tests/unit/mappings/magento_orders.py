"""Magento orders as its REST API writes them, with amounts to choose: notes §8.2, numbers as §7 relates them."""

import copy
import itertools
from decimal import Decimal
from typing import Any

JSON = dict[str, Any]
D = Decimal
PLACE = {
    "entity_id": 824, "parent_id": 412, "address_type": "billing", "firstname": "Dana", "lastname": "Whitfield",
    "street": ["18 Larch Row", "Apt 4"], "city": "Ann Arbor", "region": "Michigan", "region_code": "MI",
    "region_id": 33, "postcode": "48104", "country_id": "US", "telephone": "734-555-0117",
    "email": "dana.whitfield@example.com",
}  # fmt: skip


def item(sku: str, qty: Any = 1, price: Any = 0, *, id: int, **more: Any) -> JSON:
    """A row of a simple product; its total is quantity × price unless said otherwise."""
    row = {
        "item_id": id, "order_id": 412, "sku": sku, "name": sku.title(), "product_id": 3000 + id,
        "product_type": "simple", "qty_ordered": qty, "qty_invoiced": qty, "qty_shipped": 0, "qty_refunded": 0,
        "qty_canceled": 0, "price": price, "row_total": D(str(price)) * D(str(qty)), "tax_amount": 0,
        "discount_amount": 0, "is_virtual": 0, "is_qty_decimal": 0,
    }  # fmt: skip
    return row | more


def order(*items: JSON, **more: Any) -> JSON:
    """An order over these rows, paid by card in full, whose amounts are the rows' unless said otherwise.

    `extension` is added to its extension attributes, `payment` to its payment. Base amounts are the order's.
    """
    extension, payment = more.pop("extension", {}), more.pop("payment", {})
    shipping_address = PLACE | {"entity_id": 823, "address_type": "shipping"}
    row: JSON = {
        "entity_id": 412, "increment_id": "000000412", "store_id": 1,
        "store_name": "Main Website\nMain Website Store\nDefault Store View", "state": "processing",
        "status": "processing", "created_at": "2026-03-02 14:07:31", "updated_at": "2026-03-02 14:07:55",
        "customer_id": 77, "customer_is_guest": 0, "customer_email": "Dana.Whitfield@example.com",
        "customer_firstname": "Dana", "customer_lastname": "Whitfield", "base_currency_code": "USD",
        "order_currency_code": "USD", "subtotal": _kept(items, "row_total"),
        "discount_amount": -_kept(items, "discount_amount"), "tax_amount": _kept(items, "tax_amount"),
        "discount_tax_compensation_amount": _kept(items, "discount_tax_compensation_amount"), "shipping_amount": 0,
        "shipping_description": "Flat Rate - Fixed", "is_virtual": 0, "items": list(items), "billing_address": PLACE,
        "status_histories": [],
    }  # fmt: skip
    row |= more
    charged = sum(D(str(row.get(name) or 0)) for name in PARTS) - sum(D(str(extension.get(name, 0))) for name in BESIDE)
    row.setdefault("grand_total", charged)
    row.setdefault("total_paid", row["grand_total"])
    for name in [name for name in row if name in TWICE]:
        row.setdefault(f"base_{name}", row[name])
    row["payment"] = {
        "method": "braintree", "last_trans_id": "txn_9", "amount_paid": row["total_paid"],
        "base_amount_paid": row["base_total_paid"], "base_amount_paid_online": row["base_total_paid"],
        "account_status": None, "cc_last4": None,
    } | payment  # fmt: skip
    assignment = {"shipping": {"address": shipping_address, "method": "flatrate_flatrate"}, "items": list(items)}
    row["extension_attributes"] = {"shipping_assignments": [assignment]} | extension
    return copy.deepcopy(row)


PARTS = (
    "subtotal", "discount_amount", "tax_amount", "shipping_amount", "discount_tax_compensation_amount",
    "shipping_discount_tax_compensation_amount",
)  # fmt: skip
BESIDE = ("gift_cards_amount", "customer_balance_amount", "reward_currency_amount")
TWICE = (*PARTS[:5], "grand_total", "total_paid", "total_canceled", "subtotal_canceled", "tax_canceled")


def configurable(sku: str, qty: int, price: Any, *, id: int, child_price: Any = 0, **more: Any) -> list[JSON]:
    """Parent and child, which bear one SKU; some releases repeat the price on the child."""
    parent = item(sku, qty, price, id=id, product_type="configurable", **more)
    return [parent, item(sku, qty, child_price, id=id + 1, parent_item_id=id, product_id=9000 + id)]


def bundle(sku: str, qty: int, parts: list[tuple[str, int, Any]], *, id: int, own_price: Any = None) -> list[JSON]:
    """Parts with how many of each bundle and their price; with a price of its own the bundle carries the money."""
    summed = sum(D(str(price)) * count for _, count, price in parts)
    parent = item(sku, qty, summed if own_price is None else own_price, id=id, product_type="bundle")
    numbers = itertools.count(id + 1)
    children = [item(s, qty * count, price, id=next(numbers), parent_item_id=id) for s, count, price in parts]
    return [parent, *children]


def _kept(items: tuple[JSON, ...], field: str) -> Decimal:
    """The sum over rows that have no parent: what the shop would state."""
    return sum((D(str(row.get(field) or 0)) for row in items if "parent_item_id" not in row), D(0))
