"""Sales transactions: tickets, returns and invoices share one id space (§4.1, §12)."""

from decimal import Decimal
from typing import Any

from ipaas.sandbox.core.tables import Row
from ipaas.sandbox.heartland.fields import ID, READ, STAMPS, Computed, Field, Resource, moment, number, text, whole
from ipaas.sandbox.heartland.order_model import PAYMENTS
from ipaas.sandbox.heartland.replies import render
from ipaas.sandbox.heartland.service import Heartland
from ipaas.sandbox.heartland.totals import cents, line_value, paid, percentage

LINE_TYPES = ("ItemLine", "TaxLine", "ShippingLine", "GiftCardLine", "DiscountLine")
DONE = ("complete", "void")


def lines_of(service: Heartland, transaction_id: int) -> list[Row]:
    """Lines of a transaction."""
    return service.table("transaction_lines").find(transaction_id=transaction_id)


def payments_of(service: Heartland, transaction_id: int) -> list[Row]:
    """Payments of a transaction."""
    return service.table("payments").find(transaction_id=transaction_id)


def _adjustments(service: Heartland, row: Row) -> list[dict[str, Any]]:
    if row.get("adjusted_unit_price") is None or row.get("original_unit_price") is None:
        return []
    delta = row["adjusted_unit_price"] - row["original_unit_price"]
    return [{"id": row["id"], "delta_price": delta}] if delta else []


LINES = Resource(
    table="transaction_lines",
    path="/sales/tickets/{id}/lines",
    fields={
        **ID,
        "type": text("ItemLine"),
        "item_id": whole(**READ),
        "item_public_id": text(**READ),
        "item_description": text(**READ),
        "description": text(),
        "qty": number(),
        "original_unit_price": number(),
        "unit_price": number(**READ),
        "adjusted_unit_price": number(),
        "unit_cost": number(),
        "value": number(),
        "number": text(),
        "custom": Field("object", filter=False),
        **STAMPS,
    },
    group="sales.transaction.line_item",
    computed={"price_adjustments": _adjustments},
)


def _lines(service: Heartland, row: Row) -> list[dict[str, Any]]:
    return [render(service, LINES, line) for line in lines_of(service, row["id"])]


def _payments(service: Heartland, row: Row) -> list[dict[str, Any]]:
    return [render(service, PAYMENTS, one) for one in payments_of(service, row["id"])]


EMBEDS: dict[str, Computed] = {
    "lines": _lines,
    "payments": _payments,
    "subtotal": lambda service, row: row.get("subtotal"),
    "tax_total": lambda service, row: row.get("total_tax"),
}
HEAD: dict[str, Field] = {
    **ID,
    "public_id": text(),
    "type": text(),
    "status": text("incomplete"),
    "order_id": whole(),
    "customer_id": whole(),
    "customer_name": text(**READ),
    "sales_rep": text(),
    "source_location_id": whole(),
    "location_name": text(**READ),
    "station_id": whole(),
    "parent_transaction_id": whole(),
    **{name: number(0, **READ) for name in ("original_subtotal", "total_discounts", "total_tax", "total")},
    **{name: number(0, **READ) for name in ("total_paid", "balance")},
    "completed": Field("bool", write=False, default=False, filter=False),
    "voided": Field("bool", write=False, default=False, filter=False),
    "custom": Field("object", filter=False),
    "completed_at": moment(),
    "local_completed_at": Field("local"),
    **STAMPS,
}
TICKETS = Resource(
    table="transactions",
    path="/sales/tickets",
    fields={name: field for name, field in HEAD.items() if name != "order_id"},
    group="sales.transaction",
    includes=EMBEDS,
    search=("public_id", "customer_name", "sales_rep"),
    plain=frozenset(("status", "customer_id")),
)
INVOICES = Resource(
    table="transactions",
    path="/sales/invoices",
    fields={**HEAD, "status": text("pending")},
    group="sales.transaction",
    includes=EMBEDS,
    search=("public_id", "customer_name"),
    plain=frozenset(("status", "order_id")),
)


def names(service: Heartland, row: Row) -> Row:
    """`customer_name` and `location_name` of a header."""
    customer = service.table("customers").get(row.get("customer_id") or 0)
    location = service.table("locations").get(row.get("source_location_id") or 0)
    return {
        "customer_name": customer["name"] if customer else None,
        "location_name": location["name"] if location else None,
    }


def recalculate(service: Heartland, transaction_id: int) -> Row:
    """Bring a ticket's computed fields up to date from its lines and payments."""
    row = service.one("transactions", transaction_id)
    if row.get("recalculate") is not False:
        _own_tax(service, row)
    lines = lines_of(service, transaction_id)
    sums = {kind: Decimal(0) for kind in LINE_TYPES}
    for line in lines:
        sums[line["type"]] += cents(line["value"])
    original = sum((_original(line) for line in lines if line["type"] == "ItemLine"), Decimal(0))
    total = sum(sums.values(), Decimal(0))
    payments = payments_of(service, transaction_id)
    return service.table("transactions").update(
        transaction_id,
        subtotal=sums["ItemLine"],
        original_subtotal=original,
        total_discounts=original - sums["ItemLine"] - sums["DiscountLine"],
        total_tax=sums["TaxLine"],
        total=total,
        total_paid=paid(row for row in payments if row["status"] == "complete"),
        balance=total - paid(payments),
        updated_at=service.stamp(),
    )


def _original(line: Row) -> Decimal:
    return cents(Decimal(line["qty"]) * Decimal(line["original_unit_price"] or 0))


def _own_tax(service: Heartland, row: Row) -> None:
    """Heartland's own tax line of a ticket, by the location's rate (switch `auto_tax_rate`)."""
    rate = service.switches["auto_tax_rate"].get(str(row.get("source_location_id")), 0)
    lines = lines_of(service, row["id"])
    taxable = sum((cents(line["value"]) for line in lines if line["type"] == "ItemLine"), Decimal(0))
    own = next((line for line in lines if line.get("automatic")), None)
    value = percentage(taxable, rate)
    if own is not None:
        service.table("transaction_lines").update(own["id"], value=value)
    elif value:
        now = service.stamp()
        made = {"transaction_id": row["id"], "type": "TaxLine", "description": "Sales Tax", "value": value}
        service.table("transaction_lines").insert({**made, "automatic": True, "created_at": now, "updated_at": now})


def item_line(row: Row, item: Row) -> Row:
    """The fields an item line takes from its item."""
    original = item["price"] if row.get("original_unit_price") is None else row["original_unit_price"]
    line = {
        **row,
        "type": "ItemLine",
        "item_id": item["id"],
        "item_public_id": item["public_id"],
        "item_description": item["description"],
        "description": row.get("description") or item["description"],
        "original_unit_price": original or 0,
        "unit_price": original or 0,
        "unit_cost": item["cost"] if row.get("unit_cost") is None else row["unit_cost"],
    }
    return {**line, "value": line_value(line)}


def completed(service: Heartland, row: Row) -> Row:
    """The fields of a completed header."""
    at = row.get("completed_at") or service.stamp()
    local = row.get("local_completed_at") or service.local(at, row.get("source_location_id"))
    return {"status": "complete", "completed": True, "completed_at": at, "local_completed_at": local}
