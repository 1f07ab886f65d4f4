"""Orders at Magento as lists show them: with all inside, so that their version is told by all of it."""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from connections.connectors.jsontext import encode
from errors.failures import ContractBroken
from ipaas.types import JSON
from mappings.core.canonical.json_fields import Row
from mappings.core.canonical.order import Order, PaymentState
from mappings.core.canonical.statuses import StatusMeaning
from mappings.core.magento.order_texts import notes_of
from mappings.core.magento.orders import order_from_magento
from syncjobs.stores.port import OrderHead


class Heads:
    """Fulfils `port.OrderWalk`. The cursor that follows a walk is the latest change listed, by the shop's database.

    Its web server's clock, which names the time of an answer, may be another (notes §20.2).
    """

    first_answer_at: datetime | None = None

    def __init__(self, rows: Callable[[], Iterator[OrderHead]]) -> None:
        self._rows = rows

    def __iter__(self) -> Iterator[OrderHead]:
        return self._rows()


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
