"""Reads a Magento order into the canonical record. Magento notes §7, §8."""

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from errors.failures import ContractBroken, Violation
from mappings.core.canonical.json_fields import Row
from mappings.core.canonical.order import Address, Buyer, Consignment, Line, Order, PaymentState, RefundHint
from mappings.core.magento.addresses import address_from_magento
from mappings.core.magento.order_lines import line_from_magento, whole_pieces
from mappings.core.magento.order_money import EXTRA, MagentoMoney, order_money
from mappings.core.magento.order_rows import INTANGIBLE, Kept, kept_rows
from mappings.core.magento.order_texts import number_told, written_from_magento
from mappings.core.magento.payments import (
    is_offline,
    payment_row,
    payment_state,
    payment_words,
    taken_in_part,
    tenders_of,
    uninvoiced,
    without_money,
)
from mappings.core.magento.sides import EXACT_ZERO, Side, side_of
from mappings.core.magento.statuses import CANCELED, CLOSED, key_of, label_of, meaning_of, name_of
from mappings.core.rules.money import cents

PICKUP_METHOD = "instore_pickup"
GIVEN_BACK = ("gift_cards_refunded", "customer_balance_refunded")  # beside total_refunded
NO_DESTINATION = Violation(
    code="destination_unknown",
    sentence="",
    field="shipping_address",
    fix="Open the order in Magento's Admin, give it a shipping address there, then retry. Book it by hand otherwise.",
    fix_page="store",
)


def order_from_magento(answer: Mapping[str, Any], *, currency: str) -> Order:
    """Read an order as lists and single reads answer it alike, its amounts in `currency` where it has that (§7).

    Money that does not add up and parts that are missing are told in `Order.violations`. `Order.version` is a digest of
    all that is read here: `updated_at` moves for less and stands still for more (§20.1). Raises ContractBroken naming
    order and field.
    """
    row = Row(answer, f"Order {answer.get('entity_id') or '?'}")
    side = side_of(row, currency)
    is_whole = row.text("state") == CANCELED  # a cancelled order is shown as it was
    order = _order(row, side, is_whole=is_whole)
    if not is_whole and row.amount("total_canceled", EXACT_ZERO):
        order = replace(order, uncancelled=_order(row, side, is_whole=True))
    return replace(order, version=_digest(order))


def _order(row: Row, side: Side, *, is_whole: bool) -> Order:
    """The order; `is_whole`: with the pieces that were cancelled."""
    kept = kept_rows(row, side, is_whole=is_whole)
    money = order_money(row, kept, side, is_whole=is_whole)
    extra, billing, payment = row.inside(EXTRA), _billing(row), payment_row(row)
    is_digital, is_pickup = row.flag("is_virtual"), _shipping(row).text("method") == PICKUP_METHOD
    consignment = None if is_digital or is_pickup else _consignment(row, money)
    lines = _lines(kept, money, side, consignment)
    key = key_of(row.text("state"), row.text("status"), has_left=_left(lines) > 0, has_all_left=_has_all_left(lines))
    paid, taken = payment_state(row, money, side), taken_in_part(row, money, side)
    return Order(
        source_id=_order_id(row),
        number=row.text("increment_id"),
        store_view=row.text("store_name").splitlines()[-1].strip() if row.text("store_name") else "",
        replaces=row.identifier("relation_parent_id"),
        replaces_number=row.text("relation_parent_real_id"),
        replaced_by=row.identifier("relation_child_id"),
        status_key=key,
        meaning=meaning_of(key),
        status=name_of(key),
        status_label=label_of(key, row.text("status")),
        is_deleted=False,
        placed_at=row.moment("created_at"),
        modified_at=row.moment("updated_at", row.moment("created_at")),
        version="",
        currency=side.currency,
        total=money.total,
        subtotal=money.subtotal,
        discount=money.discount,
        shipping=money.shipping,
        shipping_discount=money.shipping_discount,
        charges=money.charges,
        wrapping=money.wrapping,
        tax=money.tax,
        is_tax_inclusive=False,  # amounts are read before tax, however the shop shows its prices
        lines=lines,
        consignments=(consignment,) if consignment else (),
        is_pickup=is_pickup,
        is_digital=is_digital,
        buyer=_buyer(row, billing),
        billing=billing,
        tenders=tenders_of(row, money, side),
        payment_method=payment.text("method"),
        payment_status=payment_words(paid, row, taken),
        payment=paid,
        taken=taken,
        is_payment_untold=is_offline(row) and paid is PaymentState.OUTSTANDING,
        refund_hint=_refund_hint(row),
        refunded=refunded_of(row, side),
        coupons=tuple(filter(None, [row.text("coupon_code")])),
        coupon_worths=_coupon_worths(row, side),
        written=written_from_magento(row, extra),
        external_order_id=row.free_text("ext_order_id") or number_told(row),
        violations=(
            *money.violations,
            *without_money(row, paid, side),
            *whole_pieces(kept),
            *_missing(row, kept, consignment, is_pickup=is_pickup),
        ),
        remarks=_remarks(row, money, side),
    )


def _digest(order: Order) -> str:
    """Of what was read, without what mails and we ourselves move."""
    read = replace(order, modified_at=order.placed_at, external_order_id="", uncancelled=None)
    return hashlib.sha256(repr(read).encode()).hexdigest()[:32]


def _order_id(row: Row) -> str:
    if not (number := row.identifier("entity_id")):
        raise ContractBroken(f"{row.label}: entity_id is missing")
    return number


def _lines(kept: list[Kept], money: MagentoMoney, side: Side, consignment: Consignment | None) -> tuple[Line, ...]:
    address_id = consignment.source_id if consignment else ""
    pairs = zip(kept, money.lines, strict=True)
    lines = (line_from_magento(one, amounts, side, address_id=address_id) for one, amounts in pairs)
    return tuple(line for line in lines if line.quantity)  # what was cancelled wholly is no line any more


def _left(lines: tuple[Line, ...]) -> int:
    return sum(line.quantity_shipped for line in lines)


def _has_all_left(lines: tuple[Line, ...]) -> bool:
    """True when nothing that goes to an address waits any more but what was given back."""
    return all(line.quantity_shipped + line.quantity_refunded >= line.quantity for line in lines if line.address_id)


def _billing(row: Row) -> Address | None:
    address = address_from_magento(row.inside("billing_address"))
    return address if address.line_1 or address.first_name or address.last_name else None


def _buyer(row: Row, billing: Address | None) -> Buyer:
    """The account with its own name; a guest with the billing address's, since the order's may lack (§8.2)."""
    first, last = (" ".join(row.free_text(f"customer_{which}name").split()) for which in ("first", "last"))
    is_named = bool(first or last)
    return Buyer(
        source_id="" if row.flag("customer_is_guest") else row.identifier("customer_id"),
        email="".join(row.text("customer_email").split()).lower(),
        phone=billing.phone if billing else "",
        first_name=first if is_named or billing is None else billing.first_name,
        last_name=last if is_named or billing is None else billing.last_name,
    )


def _shipping(row: Row) -> Row:
    """`shipping` of the one assignment; empty for virtual orders. Its `items` are the order's again."""
    assignments = list(row.inside(EXTRA).rows("shipping_assignments", "shipping assignment"))
    return assignments[0].inside("shipping") if assignments else Row({}, row.label)


def _consignment(row: Row, money: MagentoMoney) -> Consignment | None:
    shipping = _shipping(row)
    source = shipping.inside("address")
    address = address_from_magento(source)
    if not (address.line_1 or address.city or address.postal_code):
        return None
    return Consignment(
        source_id=source.identifier("entity_id") or "1",
        address=address,
        method=row.free_text("shipping_description") or shipping.text("method"),
        cost=money.shipping + money.shipping_discount,
    )


def _missing(row: Row, kept: list[Kept], consignment: Consignment | None, *, is_pickup: bool) -> list[Violation]:
    """Goods that nobody knows where to send: not to the billing address unasked."""
    if consignment or is_pickup or row.flag("is_virtual"):
        return []
    if all(one.stocked.text("product_type") in INTANGIBLE for one in kept):
        return []
    return [replace(NO_DESTINATION, sentence=f"{row.label}: it has goods to deliver and no shipping address.")]


def _coupon_worths(row: Row, side: Side) -> dict[str, Decimal]:
    """The one coupon with all that rules took off: the shop does not tell its part."""
    code = row.text("coupon_code")
    return {code: cents(-side.money(row, "discount_amount"))} if code else {}


def refunded_of(row: Row, side: Side) -> Decimal:
    """How much was given back, by whatever it was paid with."""
    extra = row.inside(EXTRA)
    beside = (side.money(extra, field) for field in GIVEN_BACK)
    return cents(side.money(row, "total_refunded") + sum(beside, EXACT_ZERO))


def _refund_hint(row: Row) -> RefundHint:
    if row.text("state") == CLOSED:
        return RefundHint.ALL
    return RefundHint.PART if row.amount("total_refunded", EXACT_ZERO) else RefundHint.NONE


def _remarks(row: Row, money: MagentoMoney, side: Side) -> tuple[str, ...]:
    """What a person should know and nothing has to be done about."""
    found = []
    if side.is_base:
        shown = cents(row.amount("grand_total", EXACT_ZERO))
        found.append(f"The shopper paid in {side.other}: {shown} there is {money.total} {side.currency} here.")
    paid = cents(side.money(row, "total_paid"))
    if not is_offline(row) and (taken := taken_in_part(row, money, side)) and taken < paid:
        found.append(f"The store counts {paid} as paid, and its payment provider took {taken}.")
    if paid > money.total:
        found.append(f"The store counts {paid} as paid of the {money.total} that the shopper was charged.")
    if lacking := uninvoiced(row, money, side):
        found.append(f"The store's invoices lack {lacking} of the {money.total} that the shopper was charged.")
    return tuple(found)
