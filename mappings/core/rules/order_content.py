"""What of a store order is its content: goods and their wishes, money, destinations. All else may change unasked.

Left out are the status, whose account the order is attributed to (a guest may open one later), and every id that the
store gives anew (rows, options, products, payment providers), what was shipped, and what people wrote beside the goods
(it is brought up to date in place).
"""

import hashlib
from typing import Any

from mappings.core.canonical.order import Address, Line, Order
from mappings.core.canonical.statuses import ENDED

VERSION = "v2"  # of the digest: one of another version tells nothing of a change


def content_fingerprint(order: Order) -> str:
    """A digest of what the shopper bought and paid: equal digests mean that there is nothing new to book."""
    return f"{VERSION}:{hashlib.sha256(repr(content_of(order)).encode()).hexdigest()[:32]}"


def is_comparable(first: str, second: str) -> bool:
    """True for two digests, or states, that were made by the same rules: then unequal ones tell of a change."""
    return first.partition(":")[0] == second.partition(":")[0]


def state_of(order: Order, content: str) -> str:
    """Which state of the order a person's decision is about: its content, and whether the store ended it."""
    ends = [order.meaning.value] if order.meaning in ENDED else []
    return " ".join([content, *ends, *(["archived"] if order.is_deleted else [])])


def content_of(order: Order) -> list[Any]:
    """The content as plain values, in an order that does not depend on the rows' ids."""
    return [
        order.currency,
        *(str(amount) for amount in (order.total, order.discount, order.shipping, order.wrapping, order.tax)),
        [(charge.name, str(charge.amount)) for charge in order.charges],
        sorted(map(_line, order.lines)),
        sorted((_address(one.address), one.method, str(one.cost)) for one in order.consignments),
        order.is_pickup,
        order.buyer.email,
        _address(order.billing),
        [(tender.kind, tender.method, str(tender.amount)) for tender in order.tenders],
        sorted(order.coupons),
        order.given_back,
    ]


def _line(line: Line) -> tuple[Any, ...]:
    return (
        line.sku,
        line.name if not line.sku else "",
        line.quantity,
        line.quantity_refunded,
        *(str(amount.normalize()) for amount in (line.unit_price, line.total, line.discount, line.tax)),
        repr([(one.name, one.value) for one in line.customisations]),
        repr([(one.name, one.value) for one in line.choices]),
        repr((line.wrap.name, line.wrap.message, str(line.wrap.cost)) if line.wrap else ""),
    )


def _address(address: Address | None) -> str:
    return repr(address) if address else ""
