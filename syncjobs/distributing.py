"""A person distributes a booked order: its lines get the location that ships them, in Heartland, at once."""

import time
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from connections import clients
from connections.audit import audit
from connections.connectors.heartland import HeartlandClient
from connections.models import Location, User
from errors.failures import ConfigurationFailure
from mappings.core.distribution import free_from_heartland, shared
from mappings.core.sales_orders import sales_order_from_heartland
from syncjobs.distribution import order_keep
from syncjobs.models import Record, ServiceClass
from syncjobs.services.circuits import circuits_look
from syncjobs.services.guarding import Guard
from syncjobs.services.running import RUN_SECONDS


def order_distribute(*, record: Record, places: Sequence[Location], actor: User, now: datetime) -> str:
    """Let the first of the places that can ship each line; answers what was done in words. Raises SyncFailure.

    Calls: 1 look, 1 for the stock when several may ship, 1 a line, 1 look. A line of an open order cannot be parted
    (heartland-retail.md §10.5): one that no place has whole stays undistributed.
    """
    connection = record.connection
    circuits = circuits_look(connection.pk, now)
    guard = Guard(connection, ServiceClass.NOW, circuits, time.monotonic() + RUN_SECONDS)
    try:
        client = clients.heartland_client(connection.heartland, observer=guard)
        sentence = _distribute(client, record, places)
    finally:
        guard.settle(now)
        guard.give_back()
    audit(
        merchant=connection.merchant,
        actor=actor,
        action="order.distributed",
        subject=record.label,
        places=[place.name for place in places],
    )
    return sentence


def _distribute(client: HeartlandClient, record: Record, places: Sequence[Location]) -> str:
    order = sales_order_from_heartland(client.order_read(record.target_id))
    if order.status not in {"open", "pending"}:
        order_keep(record, order)
        raise ConfigurationFailure(f"{order.public_id} is {order.status} in Heartland: nothing is left to distribute.")
    waiting = [line for line in order.lines if line.get("ship_from_location_id") is None]
    chosen = _chosen(client, waiting, [place.external_id for place in places])
    for line, place in zip(waiting, chosen, strict=True):
        if place:
            client.order_line_update(order.id, str(line["id"]), ship_from_location_id=int(place))
    order_keep(record, sales_order_from_heartland(client.order_read(order.id)))
    left = chosen.count(None)
    names = {place.external_id: place.name for place in places}
    used = ", ".join(names[place] for place in dict.fromkeys(chosen) if place)
    said = f"{order.public_id} ships from {used}." if used else f"{order.public_id} had nothing to distribute."
    return said if not left else f"{said if used else ''} No location has {left} of its lines whole.".strip()


def _chosen(client: HeartlandClient, lines: Sequence[Mapping[str, Any]], places: Sequence[str]) -> list[str | None]:
    """The place of each line; None for what no place has whole. A single place is not asked whether it has it."""
    if len(places) == 1 or not lines:
        return [places[0]] * len(lines)
    wanted = [(str(line["item_id"]), int(Decimal(str(line["qty"])))) for line in lines]
    rows = client.stock_of(sorted({int(item) for item, _ in wanted}), places, by_location=True)
    found = shared(wanted, free_from_heartland(rows), places)
    return [shares[0][0] if len(shares) == 1 else None for shares in found]
