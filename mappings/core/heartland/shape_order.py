"""Shapes a canonical order for Heartland, exact to the cent. Heartland note §10, §11.2, §21.2.

Discounts are folded into unit prices; wrapping and fees become lines of configured items; bundled products come as
their own lines at price 0; all tax is one tax line. No line exists to make the sum right: it is right or nothing goes.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from decimal import Decimal

from errors.failures import held
from mappings.core.canonical.order import (
    ZERO,
    Address,
    Charge,
    GiftWrap,
    HeartlandOrder,
    HeartlandTender,
    Line,
    LineKind,
    Order,
    Tender,
    TenderKind,
)
from mappings.core.rules.disagreements import disagreement
from mappings.core.rules.holds import order_violations
from mappings.core.rules.line_notes import line_note, wrap_note
from mappings.core.rules.lookups import OrderLookups
from mappings.core.rules.money import cents, unit_prices
from mappings.core.rules.value_keys import PICKUP, shipping_key, tender_key

__all__ = [
    "PICKUP",
    "OrderLookups",
    "delivery_address",
    "order_to_heartland",
    "public_id",
    "shipping_key",
    "tender_key",
]

HeartlandLine = dict[str, object]


def public_id(order_prefix: str, number: str) -> str:
    """Our reference in Heartland: prefix + store order number."""
    return f"{order_prefix}{number}"


def delivery_address(order: Order) -> Address | None:
    """Where the goods go; digital and pickup orders, which go nowhere, take the billing address Heartland asks for."""
    return order.consignments[0].address if order.consignments else order.billing


def order_to_heartland(order: Order, lookups: OrderLookups) -> HeartlandOrder:
    """The order as Heartland should hold it. Raises ConfigurationFailure when `holds.order_violations` finds any."""
    if violations := order_violations(order, lookups):
        raise held(*violations)
    lines = list(_lines(order, lookups))
    tenders = tuple(_tenders(order, lookups))
    total = _value(lines) + order.shipping + order.tax
    if total != order.total or sum((tender.amount for tender in tenders), ZERO) != total:
        sentence = f"its shaped lines, shipping and tax make {total}, but its total is {order.total}"
        raise held(disagreement(f"Order {order.title}", "shaping", sentence))
    header = _header(order, lookups, lines)
    return HeartlandOrder(
        public_id=public_id(lookups.order_prefix, order.title),
        header=header,
        line_count=len(lines),
        tax=order.tax,
        tax_name=f"{lookups.store} tax",
        tenders=tenders,
        total=total,
        fingerprint=_fingerprint(header, order.tax, f"{lookups.store} tax", tenders),
    )


def _header(order: Order, lookups: OrderLookups, lines: list[HeartlandLine]) -> dict[str, object]:
    header: dict[str, object] = {
        "public_id": public_id(lookups.order_prefix, order.title),
        "customer_id": _id(lookups.customer_id),
        "source_location_id": _id(lookups.location_id),
        "station_id": _id(lookups.station_id),
        "billing_address_id": _id(lookups.billing_address_id),
        "shipping_address_id": _id(lookups.shipping_address_id),
        "shipping_charge": order.shipping,
        "lines": lines,
    }
    if method := lookups.shipping_method_ids.get(shipping_key(order)):
        header["shipping_method_id"] = _id(method)
    if lookups.sales_rep:
        header["sales_rep"] = lookups.sales_rep
    if lookups.order_fields:
        header["custom"] = dict(lookups.order_fields)
    return header


def _lines(order: Order, lookups: OrderLookups) -> Iterator[HeartlandLine]:
    for line in order.lines:
        yield from _item_lines(line, lookups)
        if line.wrap and lookups.gift_wrap_item_id:
            yield _wrap_line(line.wrap, lookups)
    for charge in order.charges:
        yield _charge_line(charge, lookups)


def _item_lines(line: Line, lookups: OrderLookups) -> Iterator[HeartlandLine]:
    """One line, or two a cent apart when what the line brings does not divide by its quantity."""
    note = line_note(line, wrap_has_line=bool(lookups.gift_wrap_item_id))
    item_id = lookups.gift_card_item_id if line.kind is LineKind.GIFT_CERTIFICATE else lookups.item_ids[line.sku]
    for quantity, price in unit_prices(line.net, line.quantity):
        yield _line(lookups, item_id, quantity, cents(line.unit_price), price, note)


def _wrap_line(wrap: GiftWrap, lookups: OrderLookups) -> HeartlandLine:
    return _line(lookups, lookups.gift_wrap_item_id, 1, wrap.cost, wrap.cost, wrap_note(wrap))


def _charge_line(charge: Charge, lookups: OrderLookups) -> HeartlandLine:
    return _line(lookups, lookups.fee_item_id, 1, charge.amount, charge.amount, charge.name)


def _line(
    lookups: OrderLookups, item_id: str, quantity: int, original: Decimal, price: Decimal, note: str
) -> HeartlandLine:
    row: HeartlandLine = {
        "item_id": _id(item_id),
        "qty": quantity,
        "original_unit_price": original,
        "adjusted_unit_price": price,
    }
    custom = dict(lookups.line_fields)
    if note and lookups.line_note_field:
        custom[lookups.line_note_field] = note
    if custom:
        row["custom"] = custom
    if lookups.ship_from_id:
        row["ship_from_location_id"] = _id(lookups.ship_from_id)
    return row


def _tenders(order: Order, lookups: OrderLookups) -> Iterator[HeartlandTender]:
    """One a tender; one of which a part was taken is two: that part, and what is still to come."""
    left = ZERO if lookups.is_paid else lookups.taken
    for tender in order.tenders:
        whole = _tender(order, tender, lookups)
        part = ZERO if whole.is_taken else min(left, whole.amount)
        left -= part
        if ZERO < part < whole.amount:
            yield replace(whole, amount=part, is_taken=True)
            yield replace(whole, amount=whole.amount - part)
        else:
            yield replace(whole, is_taken=whole.is_taken or part == whole.amount)


def _tender(order: Order, tender: Tender, lookups: OrderLookups) -> HeartlandTender:
    what = tender.method if tender.kind is TenderKind.GATEWAY else tender.kind.value.replace("_", " ").capitalize()
    note = f" ({tender.note})" if tender.note else ""
    return HeartlandTender(
        payment_type_id=lookups.payment_type_ids[tender_key(tender)],
        amount=tender.amount,
        description=f"{lookups.store} order {order.title}: {what}{note}",
        reference=tender.reference,
        is_taken=lookups.is_paid or tender.kind is not TenderKind.GATEWAY,
    )


def _value(lines: list[HeartlandLine]) -> Decimal:
    """What Heartland computes for the lines: each quantity × price, in whole cents."""
    values = (cents(Decimal(str(line["qty"])) * Decimal(str(line["adjusted_unit_price"]))) for line in lines)
    return sum(values, ZERO)


def _id(external_id: str) -> int | str:
    """Heartland's ids are numbers in JSON; ours are text."""
    return int(external_id) if external_id.isdigit() else external_id


def _fingerprint(header: Mapping[str, object], tax: Decimal, name: str, tenders: tuple[HeartlandTender, ...]) -> str:
    content = [header, tax, name, [vars(tender) for tender in tenders]]
    return hashlib.sha256(json.dumps(content, sort_keys=True, default=str).encode()).hexdigest()
