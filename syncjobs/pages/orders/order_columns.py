"""The columns of the list of orders: how each is called, on the page and in a file, and what stands in it."""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from syncjobs.models import OrderPeople, Record

NOBODY: dict[str, Any] = {"shopper": {"name": "", "email": "", "phone": ""}, "ship_to": [], "bill_to": None}


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column. `text` answers what a file says; templates draw what a page says by the key."""

    key: str
    label: str
    text: Callable[[Record, dict[str, Any]], str]
    is_usual: bool = True
    is_personal: bool = False
    is_number: bool = False


def _place(people: dict[str, Any]) -> str:
    return "; ".join(", ".join(address["lines"]) for address in people["ship_to"])


COLUMNS = (
    Column(key="store", label="Store", text=lambda row, _: str(row.connection.store)),
    Column(key="state", label="Status", text=lambda row, _: row.get_disposition_display()),
    Column(key="heartland", label="Heartland", text=lambda row, _: row.target_label),
    Column(key="status", label="Store status", text=lambda row, _: row.source_status),
    Column(
        key="placed",
        label="Placed",
        text=lambda row, _: row.source_placed_at.isoformat() if row.source_placed_at else "",
    ),
    Column(key="shopper", label="Shopper", text=lambda _, people: people["shopper"]["name"], is_personal=True),
    Column(
        key="email", label="E-mail", text=lambda _, people: people["shopper"]["email"], is_personal=True, is_usual=False
    ),
    Column(
        key="phone", label="Phone", text=lambda _, people: people["shopper"]["phone"], is_personal=True, is_usual=False
    ),
    Column(key="ship_to", label="Ship to", text=lambda _, people: _place(people), is_personal=True, is_usual=False),
    Column(
        key="method",
        label="Shipping method",
        text=lambda row, _: str(row.facts.get("shipping_method") or ""),
        is_usual=False,
    ),
    Column(key="total", label="Total", text=lambda row, _: _amount(row.source_total, row), is_number=True),
    Column(
        key="target_total",
        label="Heartland total",
        text=lambda row, _: _amount(row.target_total, row),
        is_number=True,
        is_usual=False,
    ),
    Column(key="why", label="Why", text=lambda row, _: row.reason),
)
BY_KEY = {column.key: column for column in COLUMNS}
KEYS = tuple(BY_KEY)
USUAL = tuple(column.key for column in COLUMNS if column.is_usual)


def _amount(value: Any, row: Record) -> str:
    return "" if value is None else f"{value} {row.currency}".strip()


def people_of(rows: Iterable[Record], seen: Sequence[int]) -> dict[int, dict[str, Any]]:
    """Who made each of these orders, by its record, of connections of whose orders the person may see that."""
    of_order = {(row.connection_id, row.external_id): row.pk for row in rows if row.connection_id in seen}
    found = OrderPeople.objects.filter(
        connection__in={pk for pk, _ in of_order}, external_id__in=[external_id for _, external_id in of_order]
    )
    return {
        of_order[(one.connection_id, one.external_id)]: json.loads(one.content)
        for one in found
        if (one.connection_id, one.external_id) in of_order
    }
