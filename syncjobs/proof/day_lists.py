"""Both systems' own lists of a day. What we remember only says where else to look.

Price: ⌈M/250⌉ calls for the store's list and ⌈M/500⌉ for Heartland's. More only where both do not fit at once: one for
a hundred sales orders that were made on another day than their order, and one for an order of another day (or for 250
neighbours of it, whichever is less).
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from connections.connectors.heartland import HeartlandClient
from errors.failures import ContractBroken
from ipaas.types import JSON
from mappings.core.heartland import sales_order_changes
from mappings.core.heartland.marks import Mark, Marking, Owner, order_marked, owner
from mappings.core.heartland.sales_orders import sales_order_from_heartland
from mappings.core.rules.money import cents
from syncjobs.proof.judge_order import Held, Ordered
from syncjobs.stores.port import OrderHead, Orders

SECOND = timedelta(seconds=1)
NIGHT = timedelta(hours=1)  # after midnight, in which orders of the day before are still booked


@dataclass(kw_only=True)
class Lists:
    """What both systems hold of a day."""

    ordered: list[Ordered] = field(default_factory=list)
    held: dict[str, list[Held]] = field(default_factory=dict)  # by the store's order, as the mark says
    sales_orders: int = 0  # in Heartland's list of the day, whoever made them
    named: dict[str, Held] = field(default_factory=dict)  # by id: the sales orders that we named, from other days
    living: set[str] = field(default_factory=set)  # orders of other days that the store still has

    def take(self, row: Held) -> None:
        if row.order:
            self.held.setdefault(row.order, []).append(row)

    @property
    def without_order(self) -> list[Held]:
        """Sales orders alive that bear our mark, and whose order the store has no more."""
        there = {order.id for order in self.ordered} | self.living
        return [row for order, rows in self.held.items() if order not in there for row in rows if row.is_alive]


def lists_read(
    *,
    orders: Orders,
    understood: Callable[[OrderHead], OrderHead],
    heartland: HeartlandClient,
    marking: Marking,
    begins: datetime,
    ends: datetime,
    named: Callable[[list[str]], Mapping[str, str]],
) -> Lists:
    """Walk both lists. `understood` knows what unknown statuses stand for.

    `named` tells the ids of the sales orders that we name for some orders and for those beyond.
    """
    found = Lists()
    found.ordered = [ordered_from(understood(head)) for head in orders.placed_between(begins, ends - SECOND)]
    for row in sales_orders_of(heartland, begins, ends + NIGHT):
        found.sales_orders += 1
        found.take(held_from(row, order_marked(row, marking)))
    ids = [order.id for order in found.ordered]
    late = {target: order for order, target in named(ids).items() if target and order not in found.held}
    for row in heartland.orders_by_ids(list(late)):
        order = late[str(row["id"])]
        is_others = owner(row, Mark(marking=marking, order_id=order)) is Owner.SOMEBODY_ELSES
        held = held_from(row, "" if is_others else order)  # without a mark, the id that we kept is evidence
        found.named[held.id] = held
        found.take(held)
    listed = set(ids)
    found.living = orders.living([order for order in found.held if order not in listed])
    return found


def sales_orders_of(heartland: HeartlandClient, begins: datetime, ends: datetime) -> Iterator[JSON]:
    """Heartland's sales orders that were made in a time, by id."""
    after, has_more = 0, True
    while has_more:
        rows, has_more = heartland.orders_page(after, created_from=begins, created_to=ends)
        yield from rows
        after = int(rows[-1]["id"]) if rows else after


def ordered_from(head: OrderHead) -> Ordered:
    """An order of the store's list. Raises ContractBroken when it has no total."""
    if head.total is None:
        raise ContractBroken(f"{head.id}: its total is not an amount")
    return Ordered(id=head.id, total=head.total, currency=head.currency, meaning=head.meaning, is_paid=head.is_paid)


def held_from(row: JSON, order: str) -> Held:
    """A sales order of Heartland's list, of the store's `order`. Raises ContractBroken naming the field."""
    return Held(
        id=str(row["id"]),
        number=str(row.get("public_id") or row["id"]),
        status=str(row.get("status")),
        total=_money(row, "total"),
        balance=_money(row, "balance"),
        order=order,
        state=sales_order_changes.state(sales_order_from_heartland(row)),
    )


def _money(row: JSON, name: str) -> Decimal:
    value: Any = row.get(name)
    try:
        return cents(Decimal(str(value if value is not None else 0)))
    except InvalidOperation as exc:
        raise ContractBroken(f"{row.get('id')}: {name} is not an amount") from exc
