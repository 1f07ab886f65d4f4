"""What the analyzer counts: sold lines and what is on the shelves, each with the values it is grouped by (§19.1)."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from ipaas.sandbox.core.tables import Row
from ipaas.sandbox.heartland.errors import invalid_request
from ipaas.sandbox.heartland.service import Heartland
from ipaas.sandbox.heartland.transaction_model import lines_of


@dataclass(frozen=True, slots=True)
class Sale:
    """One sold or returned line, booked at a location on a local day."""

    source: Row  # location credited with the sale
    location: Row  # location that gave the goods
    day: str
    transaction: Row
    line: Row
    item: Row | None


def sales(service: Heartland) -> Iterator[Sale]:
    """Item lines of every completed transaction. Orders sell for their source location, ship from another (§18)."""
    places = {row["id"]: row for row in service.table("locations").all()}
    for row in service.table("transactions").all():
        if row["status"] != "complete":
            continue
        order = service.table("orders").get(row.get("order_id") or 0)
        here = places[row["source_location_id"]]
        source = places[order["source_location_id"]] if order else here
        for line in lines_of(service, row["id"]):
            if line["type"] == "ItemLine":
                item = service.table("items").get(line["item_id"])
                yield Sale(source, here, row["local_completed_at"][:10], row, line, item)


@dataclass(frozen=True, slots=True)
class Fact:
    """Figures by metric name with what they are grouped by; stock has no day, no customer and no transaction."""

    location: Row
    item: Row
    figures: Mapping[str, Any]
    day: str = ""
    transaction: Row = field(default_factory=dict)


COUNT = "transaction_count"
UNKNOWN_DATES = ("last_sold_date", "days_since_last_sold", "last_received_date", "days_since_last_received")
SALES_METRICS = (
    *("gross_sales", "net_sales", "gross_returns", "net_markdowns", "gross_qty_sold", "net_qty_sold"),
    *("gross_qty_returned", "total_cost", COUNT),
)
FAMILIES: Mapping[str, tuple[str, ...]] = {
    "source_sales": SALES_METRICS,
    "location_sales": SALES_METRICS,
    "ending_inventory": ("qty_owned", "cost_owned", "price_owned"),
    "current_inventory": ("qty_on_hand", *UNKNOWN_DATES),
    "purchasing_order": ("total_qty_open",),
}
"""Metrics seen working. The dates of the last sale and receipt are null here: nobody showed their form."""


def facts(service: Heartland, family: str, first: str, last: str) -> list[Fact]:
    """Everything a family counts; the days narrow sales, stock is as it stands now."""
    if family in ("source_sales", "location_sales"):
        return [_of_sale(sale, family) for sale in sales(service) if first <= sale.day <= last]
    places = {row["id"]: row for row in service.table("locations").all()}
    rows = ((row, service.table("items").get(row["item_id"])) for row in service.table("stock").all())
    return [Fact(places[row["location_id"]], item, _shelf(row, item)) for row, item in rows if item is not None]


def _of_sale(sale: Sale, family: str) -> Fact:
    line, place = sale.line, sale.source if family == "source_sales" else sale.location
    qty = line["qty"]
    gross = Decimal(qty) * Decimal(line["original_unit_price"] or 0)
    figures = {
        "gross_sales": gross if qty > 0 else 0,
        "net_sales": line["value"],
        "gross_returns": gross if qty < 0 else 0,
        "net_markdowns": line["value"] - gross,
        "gross_qty_sold": max(0, qty),
        "net_qty_sold": qty,
        "gross_qty_returned": max(0, -qty),
        "total_cost": Decimal(qty) * Decimal(line["unit_cost"] or 0),
    }
    return Fact(place, sale.item or {}, figures, sale.day, sale.transaction)


def _shelf(row: Row, item: Row) -> Mapping[str, Any]:
    on_hand = Decimal(row["on_hand"])
    return {
        "qty_owned": row["on_hand"],
        "cost_owned": on_hand * Decimal(item.get("cost") or 0),
        "price_owned": on_hand * Decimal(item.get("price") or 0),
        "qty_on_hand": row["on_hand"],
        "total_qty_open": row["on_po"],
    }


def group_of(service: Heartland, name: str) -> Callable[[Fact], Any]:
    """The value of a group for a fact. Raises 400 for an unknown group."""
    if name.startswith("item.custom@"):
        key = name.partition("@")[2]
        return lambda fact: fact.item.get("custom", {}).get(key)
    groups: dict[str, Callable[[Fact], Any]] = {
        "date.date": lambda fact: fact.day or None,
        "date.month_of_year": lambda fact: int(fact.day[5:7]) if fact.day else None,
        "date.year": lambda fact: int(fact.day[:4]) if fact.day else None,
        "location.name": lambda fact: fact.location["name"],
        "location.public_id": lambda fact: fact.location["public_id"],
        "item.public_id": lambda fact: fact.item.get("public_id"),
        "item.description": lambda fact: fact.item.get("description"),
        "vendor.name": lambda fact: _named(service, "vendors", fact.item.get("primary_vendor_id"), "name"),
        "customer.public_id": lambda fact: _named(
            service, "customers", fact.transaction.get("customer_id"), "public_id"
        ),
    }
    if name not in groups:
        raise invalid_request(f"unknown group: {name}")
    return groups[name]


def _named(service: Heartland, table: str, row_id: int | None, name: str) -> Any:
    return (service.table(table).get(row_id or 0) or {}).get(name)
