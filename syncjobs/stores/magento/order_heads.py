"""Orders at Magento as lists show them: with all inside, so that their version is told by all of it."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from connections.connectors.jsontext import encode
from connections.connectors.magento.changes import CLOCK
from errors.failures import ContractBroken
from ipaas.types import JSON
from mappings.core.canonical.json_fields import Row
from mappings.core.canonical.order import Order, PaymentState
from mappings.core.canonical.statuses import StatusMeaning
from mappings.core.magento.order_texts import notes_of
from mappings.core.magento.orders import order_from_magento
from syncjobs.stores.port import OrderHead


class Heads:
    """Fulfils `port.OrderWalk` for walks that are not gone on with."""

    next_from: datetime | None = None

    def __init__(self, rows: Callable[[], Iterator[OrderHead]]) -> None:
        self._rows = rows

    def __iter__(self) -> Iterator[OrderHead]:
        return self._rows()


class ChangedRows:
    """Rows of a list of changes, and the latest change among them, by the shop's database: the next walk begins there.

    Its web server's clock, which names the time of an answer, may be another (notes §20.2). Rows of other websites
    count: beside a busy one the list of a quiet one would grow from look to look.
    """

    def __init__(self, rows: Callable[[], Iterator[JSON]]) -> None:
        self.rows, self.latest = rows, ""

    def __iter__(self) -> Iterator[JSON]:
        for row in self.rows():
            self.latest = max(self.latest, str(row[CLOCK]))
            yield row

    @property
    def next_from(self) -> datetime | None:
        return Row({CLOCK: self.latest}, "A list of changes").moment(CLOCK) if self.latest else None


class ChangedHeads:
    """Fulfils `port.OrderWalk` for orders that changed, told by rows of theirs."""

    def __init__(self, rows: ChangedRows, heads: Callable[[Iterable[JSON]], Iterator[OrderHead]]) -> None:
        self._rows, self._heads = rows, heads

    @property
    def next_from(self) -> datetime | None:
        return self._rows.next_from

    def __iter__(self) -> Iterator[OrderHead]:
        return self._heads(self._rows)


def head_from_magento(answer: Mapping[str, Any], currency: str) -> OrderHead:
    """An order of a list. One that cannot be read is in the list nevertheless: its own read tells what it lacks."""
    row = Row(answer, f"Order {answer.get('entity_id') or '?'}")
    try:
        order = order_from_magento(answer, currency=currency)
    except ContractBroken:
        return _unreadable(row)
    return head_of(order, row)


def head_of(order: Order, row: Row) -> OrderHead:
    return OrderHead(
        id=order.source_id,
        version=order.version,
        changed_at=order.modified_at,
        placed_at=order.placed_at,
        status=order.status_key,
        meaning=order.meaning,
        status_name=order.status,
        total=order.total,
        currency=order.currency,
        is_paid=_is_paid(order),
        notes=notes_of(row),
    )


def _is_paid(order: Order) -> bool:
    return order.payment is PaymentState.TAKEN and not order.has_refunds


def _unreadable(row: Row) -> OrderHead:
    changed_at = None
    with suppress(ContractBroken):
        changed_at = row.moment("updated_at").astimezone(UTC)
    whole: JSON = dict(row.data)
    return OrderHead(
        id=row.identifier("entity_id"),
        version=hashlib.sha256(encode(whole).encode()).hexdigest()[:32],
        changed_at=changed_at,
        status=row.text("state"),
        meaning=StatusMeaning.UNKNOWN,
        status_name=row.text("status"),
        total=None,
        currency=row.text("order_currency_code"),
    )
