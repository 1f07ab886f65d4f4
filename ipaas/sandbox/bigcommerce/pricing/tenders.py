"""How a total is paid: certificates, then store credit, then the gateway (note §9.2, §15). Tenders, not discounts."""

from __future__ import annotations

from decimal import Decimal

from ipaas.sandbox.bigcommerce.pricing.cart import Cart
from ipaas.sandbox.bigcommerce.rows import ZERO, Row


def pay(cart: Cart, total: Decimal) -> tuple[list[Row], Row]:
    """The tenders, summing to the total, and the payment fields of the order."""
    rows: list[Row] = []
    left = total
    for code, balance in cart.certificates:
        if used := min(balance, left):
            rows.append(_certificate(code, used))
            left -= used
    by_certificate = total - left
    credit = min(cart.store_credit, left)
    if credit:
        rows.append(
            {
                "method": "store_credit",
                "gateway": "storecredit",
                "amount": credit,
                "payment_method_id": "bigcommerce.store_credit",
                "display_name": "Store Credit",
            }
        )
    left -= credit
    if left:
        rows.append(_gateway(cart, left))
    fields = {"gift_certificate_amount": by_certificate, "store_credit_amount": credit}
    return rows, {**fields, **_named(cart, charged=left, by_certificate=by_certificate, credit=credit)}


def _certificate(code: str, amount: Decimal) -> Row:
    return {
        "method": "gift_certificate",
        "gateway": "giftcertificate",
        "amount": amount,
        "payment_method_id": "bigcommerce.gift_certificate",
        "display_name": "Gift Certificate",
        "gift_certificate_code": code,
    }


def _gateway(cart: Cart, amount: Decimal) -> Row:
    way = cart.gateway
    return {
        "method": way.method,
        "gateway": way.gateway,
        "amount": amount,
        "payment_method_id": way.payment_method_id,
        "gateway_transaction_id": way.gateway_transaction_id,
        "display_name": way.display_name,
        "credit_card": way.credit_card,
        "test": way.test,
    }


def _named(cart: Cart, *, charged: Decimal, by_certificate: Decimal, credit: Decimal) -> Row:
    """The shopper-facing name of what paid most lately: gateway, else store credit, else certificate."""
    if charged:
        known = cart.gateway.gateway_transaction_id or None
        return {"payment_method": cart.gateway.display_name, "payment_provider_id": known}
    if credit > ZERO:
        return {"payment_method": "Store Credit"}
    return {"payment_method": "Gift Certificate" if by_certificate else ""}
