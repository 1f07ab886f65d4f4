"""A person distributes a booked order: its lines get the location that ships them, in Heartland, at once."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils import timezone

from connections import clients
from connections.audit import audit
from connections.connectors.heartland import HeartlandClient
from connections.models import Connection, Location, User
from errors.failures import ConfigurationFailure
from mappings.core.canonical.order import Order
from mappings.core.canonical.statuses import OVER
from mappings.core.heartland.sales_orders import SalesOrder, sales_order_from_heartland
from mappings.core.rules.distribution import free_from_heartland, shared
from mappings.value_tables import ValueTables
from syncjobs.engine.call_guard import guarded
from syncjobs.engine.enqueueing import jobs_enqueue
from syncjobs.flows.orders.evidence import heartland_facts, store_facts
from syncjobs.flows.orders.left_pieces import gone_by_item
from syncjobs.flows.orders.routing import in_turn
from syncjobs.intake.follow_distribution import order_keep
from syncjobs.models import Record, ServiceClass
from syncjobs.stores.known_statuses import order_understood
from syncjobs.stores.opening import store_of


def order_distribute(*, record: Record, places: Sequence[Location], actor: User, now: datetime) -> str:
    """Let the first of the places that can ship each line; answers what was done in words. Raises SyncFailure.

    Calls: 1 look at each side, 1 for the stock when several may ship, 1 a line, 1 look. A line of an open order cannot
    be parted (heartland-retail.md §10.5): one that no place has whole stays undistributed. Pieces that the store shows
    as shipped or given back are asked of nobody.
    """
    connection = record.connection
    with guarded(connection, ServiceClass.NOW, now) as guard:
        client = clients.heartland_client(connection.heartland, observer=guard)
        read = store_of(connection.store, guard).orders.order(record.external_id)
        store = order_understood(read, ValueTables(connection))
        sentence = _distribute(client, record, store, _asked(connection, store, places))
    audit(
        merchant=connection.merchant,
        actor=actor,
        action="order.distributed",
        subject=record.label,
        places=[place.name for place in places],
    )
    return sentence


def _asked(connection: Connection, store: Order, places: Sequence[Location]) -> Sequence[Location]:
    """The places in the order in which orders that distribute themselves ask them; a single one is a person's word."""
    if len(places) == 1:
        return places
    by_id = {place.external_id: place for place in places}
    return [by_id[place] for place in in_turn(connection, store) if place in by_id]


def _distribute(client: HeartlandClient, record: Record, store: Order, places: Sequence[Location]) -> str:
    order = sales_order_from_heartland(client.order_read(record.target_id))
    if order.status not in {"open", "pending"}:
        order_keep(record, order, timezone.now())
        raise ConfigurationFailure(f"{order.public_id} is {order.status} in Heartland: nothing is left to distribute.")
    rows = [line for line in order.lines if line.get("ship_from_location_id") is None]
    waiting, partly = _still_there(record, store, order, rows)
    if partly or len(waiting) < len(rows):
        _look_again(record)
    if rows and not waiting:
        raise ConfigurationFailure(
            f"Nothing of order {record.title} is left to pack: the store says {store.status}, and shows its "
            "pieces as shipped or given back. Nothing was distributed."
        )
    chosen = _chosen(client, waiting, [place.external_id for place in places])
    for line, place in zip(waiting, chosen, strict=True):
        if place:
            client.order_line_update(order.id, str(line["id"]), ship_from_location_id=int(place))
    order_keep(record, sales_order_from_heartland(client.order_read(order.id)), timezone.now())
    return _said(order.public_id, chosen, places, partly)


def _look_again(record: Record) -> None:
    """The store has gone on since the order was read: what the page and the alert say is brought up to it."""
    now = timezone.now()
    jobs_enqueue(
        connection=record.connection, flow=record.flow, external_ids=[record.external_id], cause="order", now=now
    )


def _said(number: str, chosen: Sequence[str | None], places: Sequence[Location], partly: int) -> str:
    left = chosen.count(None)
    names = {place.external_id: place.name for place in places}
    used = ", ".join(names[place] for place in dict.fromkeys(chosen) if place)
    said = [f"{number} ships from {used}." if used else "" if left else f"{number} had nothing to distribute."]
    said += [f"No location has {left} of its lines whole."] if left else []
    said += [f"Pack {partly} fewer: the store shows them as shipped or given back."] if partly and used else []
    return " ".join(part for part in said if part)


def _still_there(
    record: Record, store: Order, order: SalesOrder, lines: Sequence[Mapping[str, Any]]
) -> tuple[list[Mapping[str, Any]], int]:
    """The lines of which something has not gone in the store, and how many of their pieces have.

    A status that says that all has left needs no shipment that says which pieces.
    """
    if store.meaning in OVER:
        return [], 0
    facts = {**store_facts(store), "heartland": heartland_facts(order)}
    gone = gone_by_item(record.connection, record.external_id, facts)
    waiting, partly = list[Mapping[str, Any]](), 0
    for line in lines:
        item, quantity = str(line["item_id"]), int(Decimal(str(line["qty"])))
        taken = min(quantity, gone[item])
        gone[item] -= taken
        if taken < quantity:
            waiting.append(line)
            partly += taken
    return waiting, partly


def _chosen(client: HeartlandClient, lines: Sequence[Mapping[str, Any]], places: Sequence[str]) -> list[str | None]:
    """The place of each line; None for what no place has whole. A single place is not asked whether it has it."""
    if len(places) == 1 or not lines:
        return [places[0]] * len(lines)
    wanted = [(str(line["item_id"]), int(Decimal(str(line["qty"])))) for line in lines]
    rows = client.stock_of(sorted({int(item) for item, _ in wanted}), places, by_location=True)
    found = shared(wanted, free_from_heartland(rows), places)
    return [shares[0][0] if len(shares) == 1 else None for shares in found]
