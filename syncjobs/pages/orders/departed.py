"""Orders that left from the store's side while Heartland still waits: a person says from where, or calls them back."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from connections import clients
from connections.audit import audit
from connections.connectors.heartland import HeartlandClient
from connections.models import Location, User
from errors.failures import ConfigurationFailure
from ipaas.types import JSON
from mappings.core.canonical.order import Order
from mappings.core.canonical.statuses import OVER
from mappings.core.heartland.sales_orders import SalesOrder, sales_order_from_heartland
from mappings.value_tables import ValueTables
from syncjobs.engine.call_guard import guarded
from syncjobs.flows.orders.evidence import heartland_facts, store_facts
from syncjobs.flows.orders.left_pieces import gone_by_item, shipped_by_item
from syncjobs.intake.follow_distribution import order_keep
from syncjobs.models import Record, ServiceClass
from syncjobs.stores.known_statuses import order_understood
from syncjobs.stores.opening import store_of

Line = Mapping[str, Any]  # of a sales order, Heartland's JSON
Parcels = Mapping[str, Counter[str]]  # pieces by item id, by the location they leave from


@dataclass(frozen=True, kw_only=True)
class Both:
    """Both sides as they were read for this."""

    heartland: HeartlandClient
    store: Order
    sales_order: SalesOrder

    @property
    def facts(self) -> JSON:
        """As a record keeps them."""
        return {**store_facts(self.store), "heartland": heartland_facts(self.sales_order)}


def order_left(*, record: Record, place: Location | None, actor: User, now: datetime) -> str:
    """Invoice in Heartland what the store shows as shipped, at the locations that were to ship it, else at `place`.

    Answers what was done in words. Calls: 1 look at each side, 1 at the order's invoices, 1 a line that no location was
    to ship, 2 an invoice and 1 each of its items, 1 look. Raises SyncFailure.
    """
    with _both(record, now) as both:
        gone = _shipped(record, both)
        if not gone:
            raise ConfigurationFailure("The store shows nothing as shipped that Heartland has not invoiced.")
        if any(row.get("status") == "pending" for row in both.heartland.invoices_of_order(both.sales_order.id)):
            raise ConfigurationFailure(
                f"An invoice of {both.sales_order.public_id} was begun in Heartland: complete or void it there first."
            )
        parcels = _distributed(both, gone, place)
        for location, pieces in parcels.items():
            _invoice(both, location, pieces)
        order_keep(record, sales_order_from_heartland(both.heartland.order_read(both.sales_order.id)), now)
    _audit(record, actor, "order.left", place)
    names = dict(record.connection.heartland.locations.values_list("external_id", "name"))
    places = ", ".join(names.get(one, one) for one in parcels)
    count = sum(pieces.total() for pieces in parcels.values())
    return f"{count} {'piece' if count == 1 else 'pieces'} of {both.sales_order.public_id} invoiced at {places}."


def order_call_back(*, record: Record, actor: User, now: datetime) -> str:
    """Let no location ship lines that have gone in the store. A line of which some is left stays: it cannot be parted.

    Answers what was done in words. Calls: 1 look at each side, 1 a line, 1 look. Raises SyncFailure.
    """
    with _both(record, now) as both:
        lines, partly = _in_vain(record, both)
        for line in lines:
            both.heartland.order_line_update(both.sales_order.id, str(line["id"]), ship_from_location_id=None)
        order_keep(record, sales_order_from_heartland(both.heartland.order_read(both.sales_order.id)), now)
    if not lines and not partly:
        raise ConfigurationFailure("No location is asked to ship what the store shows as gone.")
    _audit(record, actor, "order.called_back", None)
    number = both.sales_order.public_id
    said = [f"No location ships {len(lines)} of {number}'s lines any more." if lines else ""]
    have = "piece has" if partly == 1 else "pieces have"
    said += [f"{partly} {have} gone of lines that are still to ship: tell the location." if partly else ""]
    return " ".join(filter(None, said))


def has_shipped(record: Record) -> bool:
    """Whether the store, as last read, shows pieces as shipped that Heartland has not invoiced."""
    return bool(shipped_by_item(record.connection, record.facts, record.source_meaning))


@contextmanager
def _both(record: Record, now: datetime) -> Iterator[Both]:
    connection = record.connection
    with guarded(connection, ServiceClass.NOW, now) as guard:
        client = clients.heartland_client(connection.heartland, observer=guard)
        read = store_of(connection.store, guard).orders.order(record.external_id)
        store = order_understood(read, ValueTables(connection))
        sales_order = sales_order_from_heartland(client.order_read(record.target_id))
        if sales_order.status != "open":
            order_keep(record, sales_order, now)
            raise ConfigurationFailure(
                f"{sales_order.public_id} is {sales_order.status} in Heartland: nothing is left."
            )
        yield Both(heartland=client, store=store, sales_order=sales_order)


def _open(line: Line) -> int:
    return int(Decimal(str(line.get("qty") or 0)) - Decimal(str(line.get("qty_invoiced") or 0)))


def _shipped(record: Record, both: Both) -> Counter[str]:
    """Pieces by item that the store shows as shipped and Heartland has open; its status alone may say that all were."""
    gone = shipped_by_item(record.connection, both.facts, both.store.meaning)
    still_open: Counter[str] = Counter()
    for row in both.sales_order.lines:
        still_open[str(row.get("item_id"))] += _open(row)
    return gone & still_open


def _distributed(both: Both, gone: Counter[str], place: Location | None) -> Parcels:
    """What leaves from where; lines that no location was to ship are given to `place`. Those have gone first."""
    parcels: dict[str, Counter[str]] = defaultdict(Counter)
    left = Counter(gone)
    for line in sorted(both.sales_order.lines, key=lambda row: row.get("ship_from_location_id") is not None):
        item = str(line.get("item_id"))
        taken = min(_open(line), left[item])
        if taken <= 0:
            continue
        location = str(line.get("ship_from_location_id") or (place.external_id if place else ""))
        if not location:
            raise ConfigurationFailure("Say from which location it left.")
        if line.get("ship_from_location_id") is None:
            both.heartland.order_line_update(both.sales_order.id, str(line["id"]), ship_from_location_id=int(location))
        left[item] -= taken
        parcels[location][item] += taken
    return parcels


def _invoice(both: Both, location: str, pieces: Counter[str]) -> None:
    answer = both.sales_order.answer
    invoice = both.heartland.invoice_create(
        {
            "type": "Invoice",
            "order_id": int(both.sales_order.id),
            "customer_id": answer.get("customer_id"),
            "source_location_id": int(location),
            "station_id": answer.get("station_id"),
        }
    )
    for item, count in pieces.items():
        both.heartland.invoice_line_add(invoice, {"type": "ItemLine", "item_id": int(item), "qty": count})
    both.heartland.invoice_update(invoice, status="complete")


def _in_vain(record: Record, both: Both) -> tuple[list[Line], int]:
    """Lines that a location is asked to ship although all that is open of them has gone; pieces gone of other lines."""
    gone = gone_by_item(record.connection, record.external_id, both.facts)
    lines, partly = list[Line](), 0
    for line in sorted(both.sales_order.lines, key=lambda row: row.get("ship_from_location_id") is not None):
        item, count = str(line.get("item_id")), _open(line)
        taken = count if both.store.meaning in OVER else min(count, gone[item])
        gone[item] -= taken
        if line.get("ship_from_location_id") is None or not taken:
            continue
        if taken == count:
            lines.append(line)
        else:
            partly += taken
    return lines, partly


def _audit(record: Record, actor: User, action: str, place: Location | None) -> None:
    merchant = record.connection.merchant
    audit(merchant=merchant, actor=actor, action=action, subject=record.label, places=[place.name] if place else [])
