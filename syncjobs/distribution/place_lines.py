"""Writing a distribution to Heartland: lines get their locations where both sides still are as the person saw them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils import timezone

from connections import clients
from connections.audit import audit
from connections.connectors.heartland import HeartlandClient
from connections.models import Connection
from errors.failures import CredentialsRejected, NotFound, NotOffered, SyncFailure, TransientFailure
from ipaas import failpoints
from mappings.core.canonical.order import Order
from mappings.core.canonical.statuses import LEFT, OVER
from mappings.core.heartland.sales_orders import SalesOrder, sales_order_from_heartland
from mappings.core.rules.distribution import Stock, free_from_heartland
from mappings.value_tables import ValueTables
from syncjobs.distribution.waiting_lines import goods_digest
from syncjobs.engine.call_guard import Guard
from syncjobs.engine.enqueueing import jobs_enqueue
from syncjobs.flows.orders.evidence import store_facts
from syncjobs.intake.follow_distribution import order_keep
from syncjobs.models import Assignment, Record, Run
from syncjobs.stores.known_statuses import order_understood
from syncjobs.stores.opening import store_of
from syncjobs.stores.port import Store

WHOLE_RUN = (TransientFailure, CredentialsRejected)  # of these no single order is to blame
State = Assignment.State


class LeftOver(Exception):
    """An order stays as it is, for the reason that the text says."""


def orders_place(run: Run, rows: Sequence[Assignment], guard: Guard, now: datetime) -> None:
    """Distribute these orders. Raises SyncFailure where neither side can be asked; what was written then stands.

    Calls: 1 list of the store (one an order where it has none), 2 looks at the sales orders, 1 at the stock, 1 a line.
    """
    connection = run.connection
    client = clients.heartland_client(connection.heartland, observer=guard)
    placing = Placing(connection, client, rows, store_of(connection.store, guard))
    for row in rows:
        try:
            placing.place(row)
        except LeftOver as reason:
            row.state, row.sentence = State.LEFT, str(reason)[:300]
        except WHOLE_RUN:
            raise
        except SyncFailure as failure:
            row.state, row.sentence = State.LEFT, failure.summary[:300]
        failpoints.passing("distribution.placed")
    placing.kept(now)
    for row in rows:
        if row.state == State.WAITING:
            row.state, row.sentence = State.DONE, placing.words(row)
            _noted(run, row, placing.names)
    Assignment.objects.bulk_update(rows, ["state", "sentence", "placed"])


class Placing:
    """Some orders as both sides have them now, and the pieces that are still free."""

    def __init__(
        self, connection: Connection, client: HeartlandClient, rows: Sequence[Assignment], store: Store
    ) -> None:
        self.client, self.rows = client, rows
        self.names = dict(connection.heartland.locations.values_list("external_id", "name"))
        for row in rows:
            row.record.connection = connection
        self.held = sales_orders(client, rows)
        read, tables = _store_orders(store, [row.record.external_id for row in rows]), ValueTables(connection)
        self.shown = {one: order_understood(order, tables) for one, order in read.items()}
        self.free = _free(client, [row for row in rows if row.is_suggested])
        self.counted = {item for item, _ in self.free}

    def place(self, row: Assignment) -> None:
        """Write the locations of an order's lines. Raises LeftOver, with nothing written, and SyncFailure."""
        order = self.held.get(row.record.target_id)
        if order is None:
            raise LeftOver(f"Heartland does not list {row.record.target_label} any more.")
        if order.status not in {"open", "pending"}:
            raise LeftOver(f"{order.public_id} is {order.status} in Heartland: nothing is left to distribute.")
        self._is_as_shown(row)
        lines, standing = matched(row.lines, order.lines)
        writes = [(line, wish) for line, wish in lines if line.get("ship_from_location_id") is None]
        if row.is_suggested:
            self._has(wish for _, wish in writes)
        row.placed |= standing
        for line, wish in writes:
            self.client.order_line_update(order.id, str(line["id"]), ship_from_location_id=int(wish["place"]))
            row.placed[str(line["id"])] = wish["place"]
            self.free[wish["item"], wish["place"]] -= wish["leaving"]

    def kept(self, now: datetime) -> None:
        """Read Heartland once more, and keep what it says of each order."""
        for row in self.rows:
            row.record.refresh_from_db()
        for row, order in found(self.rows, sales_orders(self.client, self.rows)):
            order_keep(row.record, order, now)
            places = {str(line["id"]): str(line.get("ship_from_location_id") or "") for line in order.lines}
            if row.state == State.WAITING and any(places.get(line) != place for line, place in row.placed.items()):
                row.state, row.sentence = State.LEFT, "Heartland did not keep the location: look at the order there."

    def words(self, row: Assignment) -> str:
        used = ", ".join(self.names.get(place, place) for place in dict.fromkeys(row.placed.values()))
        return f"{row.record.target_label} ships from {used}."

    def _is_as_shown(self, row: Assignment) -> None:
        """Raises LeftOver where the store's order is another by now, and has it looked at."""
        store, record = self.shown.get(row.record.external_id), row.record
        if store is None:
            raise LeftOver(f"{record} cannot be found in the store any more.")
        if store.meaning in OVER or store.meaning in LEFT:
            _look_again(record)
            raise LeftOver(f"The store says {store.status}: nothing of it is left to pack.")
        if goods_digest(store_facts(store)["lines"]) != row.goods:
            _look_again(record)
            raise LeftOver("Its goods changed in the store after the page was drawn. It is looked at again now.")

    def _has(self, wishes: Iterable[Mapping[str, Any]]) -> None:
        """Raises LeftOver where a place has fewer pieces by now than it was suggested for."""
        needed: dict[tuple[str, str], int] = defaultdict(int)
        for wish in wishes:
            if wish["item"] in self.counted:
                needed[wish["item"], wish["place"]] += wish["leaving"]
        for (item, place), count in needed.items():
            if (has := self.free[item, place]) < count:
                name = self.names.get(place, place)
                raise LeftOver(f"{name} has {max(int(has), 0)} of an item left by now, and {count} are wanted.")


def matched(
    wishes: Sequence[Mapping[str, Any]], lines: Sequence[Mapping[str, Any]]
) -> tuple[list[tuple[Mapping[str, Any], Mapping[str, Any]]], dict[str, str]]:
    """Each line without a location with its wish; and by id the place of those that have it already.

    Raises LeftOver where the sales order holds other lines than the wishes are about.
    """
    left = list(wishes)
    pairs = []
    for line in lines:
        if line.get("ship_from_location_id") is None:
            wish = next((one for one in left if _is_about(one, line)), None)
            if wish:
                left.remove(wish)
                pairs.append((line, wish))
    standing = {}
    for line in lines:
        place = str(line.get("ship_from_location_id") or "")
        wish = next((one for one in left if place == one["place"] and _is_about(one, line)), None)
        if wish:
            left.remove(wish)
            standing[str(line["id"])] = place
    if left:
        raise LeftOver("It was changed in Heartland after the page was drawn: look at what it says now.")
    return pairs, standing


def sales_orders(client: HeartlandClient, rows: Sequence[Assignment]) -> dict[str, SalesOrder]:
    """The orders as Heartland has them, by id: one call."""
    answers = client.orders_by_numbers([row.record.target_label for row in rows])
    return {order.id: order for order in map(sales_order_from_heartland, answers)}


def found(rows: Sequence[Assignment], held: Mapping[str, SalesOrder]) -> list[tuple[Assignment, SalesOrder]]:
    return [(row, held[row.record.target_id]) for row in rows if row.record.target_id in held]


def _is_about(wish: Mapping[str, Any], line: Mapping[str, Any]) -> bool:
    return (wish["item"], wish["pieces"]) == (str(line.get("item_id")), int(Decimal(str(line.get("qty") or 0))))


def _store_orders(store: Store, ids: Sequence[str]) -> dict[str, Order]:
    """The store's orders by id: by its lists, where it has them whole there, else one by one."""
    try:
        rows = store.order_lists.rows(ids)
    except NotOffered:
        rows = {}
    orders = {one: store.order_lists.order(row) for one, row in rows.items() if row is not None and one in ids}
    for one in ids:
        if one not in orders:
            try:
                orders[one] = store.orders.order(one)
            except NotFound:
                continue
    return orders


def _free(client: HeartlandClient, rows: Sequence[Assignment]) -> dict[tuple[str, str], Decimal]:
    """Free pieces by item and place, of all that is to be written: one call, none where nothing was suggested."""
    items = sorted({int(wish["item"]) for row in rows for wish in row.lines})
    places = sorted({wish["place"] for row in rows for wish in row.lines})
    stock: Stock = free_from_heartland(client.stock_of(items, places, by_location=True)) if items else {}
    return defaultdict(Decimal, stock)


def _look_again(record: Record) -> None:
    jobs_enqueue(
        connection=record.connection, flow=record.flow, external_ids=[record.external_id], cause="order",
        now=timezone.now(),
    )  # fmt: skip


def _noted(run: Run, row: Assignment, names: Mapping[str, str]) -> None:
    places = [names.get(place, place) for place in dict.fromkeys(row.placed.values())]
    audit(
        merchant=run.connection.merchant, actor=run.started_by, action="order.distributed", subject=row.record.label,
        places=places,
    )  # fmt: skip
