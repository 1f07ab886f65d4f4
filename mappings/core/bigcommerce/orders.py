"""Reads a BigCommerce V2 order into the canonical record. BigCommerce note §8–§12, §15."""

from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from errors.failures import ContractBroken, Violation
from mappings.core.bigcommerce.addresses import address_from_bigcommerce
from mappings.core.bigcommerce.order_completeness import missing_parts
from mappings.core.bigcommerce.order_lines import Parts, line_from_bigcommerce, parents_of, parts_from_bigcommerce
from mappings.core.bigcommerce.order_money import order_money
from mappings.core.bigcommerce.order_statement import statement_from_bigcommerce
from mappings.core.bigcommerce.order_texts import written_from_bigcommerce
from mappings.core.bigcommerce.payments import MEANINGS, OFFLINE
from mappings.core.bigcommerce.refunds import refund_hint
from mappings.core.bigcommerce.statuses import meaning_of
from mappings.core.canonical.json_fields import Row
from mappings.core.canonical.order import ZERO, Address, Buyer, Line, Order, PaymentState, Tender, TenderKind
from mappings.core.canonical.order_amounts import OrderMoney
from mappings.core.rules.disagreements import disagreement
from mappings.core.rules.money import cents

EXTRA_FIELDS = ("order_source", "channel_id", "tax_provider_id", "external_source")


def version_of(order: Row) -> str:
    """What changes with the order: its `date_modified` alone is of whole seconds, in which more may happen than we saw.

    Of an order as any answer of the store has it, however it spells amounts.
    """
    return f"{order.text('date_modified')} {order.text('status_id')} {total_of(order)}"


def total_of(order: Row) -> Decimal | None:
    """What the order costs with tax, in cents; None when what stands there is no amount."""
    try:
        return cents(Decimal(order.text("total_inc_tax") or 0))
    except InvalidOperation:
        return None


def order_from_bigcommerce(order: Mapping[str, Any]) -> Order:
    """Read an order as `OrderCalls.order_read` answers it: `consignments` is the object of note §11.

    `products` and `shipping_addresses` may be lists instead of links; they then win over what came inside.
    Money that does not add up and parts that are missing are told in `Order.violations`. Raises ContractBroken naming
    order and field.
    """
    row = Row(order, f"Order {order.get('id') or '?'}")
    parts = parts_from_bigcommerce(row)
    money = order_money(statement_from_bigcommerce(row, parts.lines))
    status_key, payment_status = str(row.whole("status_id")), row.text("payment_status").lower()
    billing = _billing(row)
    lines = _lines(parts, money)
    tenders, tender_violations = _tenders(row, money)
    violations = (*missing_parts(row, parts), *money.violations, *tender_violations)
    coupons = tuple(dict.fromkeys(_coupon_codes(row, parts)))
    return Order(
        source_id=_order_id(row),
        status_key=status_key,
        meaning=meaning_of(status_key),
        status=row.text("status"),
        status_label=row.text("custom_status") or row.text("status"),
        is_deleted=row.flag("is_deleted"),
        placed_at=row.moment("date_created"),
        modified_at=row.moment("date_modified", row.moment("date_created")),
        version=version_of(row),
        currency=row.text("default_currency_code").upper(),  # all amounts are in it; currency_code is only shown
        total=money.total,
        subtotal=money.subtotal,
        discount=money.discount,
        shipping=money.shipping,
        shipping_discount=money.shipping_discount,
        charges=money.charges,
        wrapping=money.wrapping,
        tax=money.tax,
        is_tax_inclusive=row.flag("is_tax_inclusive_pricing"),
        lines=lines,
        consignments=parts.consignments,
        is_pickup=parts.is_pickup,
        is_digital=row.flag("order_is_digital"),
        buyer=_buyer(row, billing),
        billing=billing,
        tenders=tenders,
        payment_method=row.text("payment_method"),
        payment_status=payment_status,
        payment=MEANINGS.get(payment_status, PaymentState.UNKNOWN),
        is_payment_untold=payment_status in OFFLINE,
        refund_hint=refund_hint(status_key, payment_status),
        coupons=coupons,
        coupon_worths=_coupon_worths(row, parts),
        written=written_from_bigcommerce(row, lines),
        external_order_id=row.free_text("external_order_id"),
        violations=violations,
        unanswered=_unanswered(row, has_violations=bool(violations), has_coupons=bool(coupons)),
        extra={field: text for field in EXTRA_FIELDS if (text := row.text(field))},
    )


def _unanswered(row: Row, *, has_violations: bool, has_coupons: bool) -> tuple[str, ...]:
    """Parts that came empty although the order's own sums say otherwise: "fees", "coupons"."""
    lacks_fees = has_violations and not any(row.rows("fees", "fee"))
    lacks_coupons = not has_coupons and row.amount("coupon_discount", ZERO) > 0
    return tuple(name for name, lacks in (("fees", lacks_fees), ("coupons", lacks_coupons)) if lacks)


def _order_id(row: Row) -> str:
    if not (number := row.identifier("id")):
        raise ContractBroken(f"{row.label}: id is missing")
    return number


def _lines(parts: Parts, money: OrderMoney) -> tuple[Line, ...]:
    parents = parents_of(parts.lines)
    return tuple(
        line_from_bigcommerce(row, money=amounts, address_id=parts.address_ids[row.identifier("id")], parents=parents)
        for row, amounts in zip(parts.lines, money.lines, strict=True)
    )


def _billing(row: Row) -> Address | None:
    billing = row.data.get("billing_address")
    if not isinstance(billing, Mapping):
        return None
    address = address_from_bigcommerce(billing)
    return address if address.line_1 or address.first_name or address.last_name else None


def _buyer(row: Row, billing: Address | None) -> Buyer:
    """The account's id with the contact data of the billing address: all that an order tells."""
    contact = row.data.get("billing_address")
    email = Row(contact, row.label).text("email") if isinstance(contact, Mapping) else ""
    return Buyer(
        source_id=row.identifier("customer_id"),
        email="".join(email.split()).lower(),
        phone=billing.phone if billing else "",
        first_name=billing.first_name if billing else "",
        last_name=billing.last_name if billing else "",
    )


def _tenders(row: Row, money: OrderMoney) -> tuple[tuple[Tender, ...], tuple[Violation, ...]]:
    """Certificates and store credit as the order tells them; the gateway took what is left (note §9.3)."""
    certificate = cents(row.amount("gift_certificate_amount", ZERO))
    credit = cents(row.amount("store_credit_amount", ZERO))
    rest = money.total - certificate - credit
    method = row.free_text("payment_method")
    tenders = (
        Tender(kind=TenderKind.GATEWAY, method=method or "Unknown method", amount=rest, reference=_reference(row)),
        Tender(kind=TenderKind.GIFT_CERTIFICATE, method="Gift certificate", amount=certificate),
        Tender(kind=TenderKind.STORE_CREDIT, method="Store credit", amount=credit),
    )
    violations = []
    if min(rest, certificate, credit) < 0:
        sentence = f"certificates {certificate} and store credit {credit} do not fit its total of {money.total}"
        violations.append(disagreement(row.label, "tenders", sentence))
    return tuple(tender for tender in tenders if tender.amount > 0), tuple(violations)


def _reference(row: Row) -> str:
    """The provider's transaction id; nothing at all when it looks like a card number."""
    reference = row.text("payment_provider_id")
    return reference if row.free_text("payment_provider_id") == reference else ""


def _coupon_codes(row: Row, parts: Parts) -> Iterator[str]:
    for coupon in row.rows("coupons", "coupon"):
        yield coupon.text("code")
    for line in parts.lines:
        for discount in line.rows("applied_discounts", "discount"):
            if code := discount.text("code"):
                yield code


def _coupon_worths(row: Row, parts: Parts) -> dict[str, Decimal]:
    """What each coupon took off, as the lines tell it, else as the coupon itself does (notes §10.1, §12)."""
    told: dict[str, Decimal] = {}
    for line in parts.lines:
        for discount in line.rows("applied_discounts", "discount"):
            if code := discount.text("code"):
                told[code] = told.get(code, ZERO) + discount.amount("amount", ZERO)
    whole = {one.text("code"): one.amount("discount", ZERO) for one in row.rows("coupons", "coupon")}
    return {code: cents(amount) for code, amount in {**whole, **told}.items()}
