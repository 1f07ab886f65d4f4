"""What is paid beside money: gift cards, then store credit, then reward points pay what they can of an order (§18)."""

from __future__ import annotations

from decimal import Decimal

from ipaas.sandbox.magento.sales.cart import Cart
from ipaas.sandbox.magento.sales.cents import ZERO, Row, cents


def paid_beside(cart: Cart, own: Row, theirs: Row) -> tuple[Row, Row]:
    """The order's columns in base currency and in the shopper's, with what remains to pay as `grand_total`.

    What is paid in full in base currency is so in the other, whatever the rate rounds to.
    """
    used, left = _used(cart, own["grand_total"])
    converted, other_left = _converted(used, theirs["grand_total"], cart.to_order_rate, in_full=not left)
    cards = [
        {"id": card.id, "code": card.code, "amount": theirs_, "base_amount": mine}
        for card, mine, theirs_ in zip(cart.gift_cards, used, converted, strict=False)
    ]
    return own | _columns(used) | {"grand_total": left}, theirs | _columns(converted) | {
        "grand_total": other_left,
        "gift_cards": cards,
    }


def _used(cart: Cart, left: Decimal) -> tuple[list[Decimal], Decimal]:
    """What each gift card, the credit and the points pay, and what is left."""
    used: list[Decimal] = []
    for worth in (*(card.balance for card in cart.gift_cards), cart.store_credit, cart.reward):
        used.append(min(worth, left))
        left -= used[-1]
    return used, left


def _converted(used: list[Decimal], left: Decimal, rate: Decimal, *, in_full: bool) -> tuple[list[Decimal], Decimal]:
    """The same amounts in the shopper's currency; the last one that pays takes the rest where all is paid."""
    paying = [index for index, amount in enumerate(used) if amount]
    converted: list[Decimal] = []
    for index, amount in enumerate(used):
        is_last = in_full and bool(paying) and index == paying[-1]
        converted.append(left if is_last else min(cents(amount * rate), left))
        left -= converted[-1]
    return converted, left


def _columns(used: list[Decimal]) -> Row:
    return {
        "gift_cards_amount": sum(used[:-2], ZERO),
        "customer_balance_amount": used[-2],
        "reward_currency_amount": used[-1],
    }
