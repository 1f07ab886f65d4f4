"""Gift cards of Adobe Commerce: spent by orders, made for those that are sold (apis/magento.md §18)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from ipaas.sandbox.magento.sales.cents import Row
from ipaas.sandbox.magento.state import State

ACTIVE, DISABLED = 1, 0


def gift_card_made(state: State, balance: Decimal, website_id: int = 1) -> Row:
    """A new gift card; its code carries the shop's prefix."""
    code = f"GC{state.gift_cards.next_id:06d}"
    return state.gift_cards.insert({"code": code, "balance": balance, "status": ACTIVE, "website_id": website_id})


def spent(state: State, order: Row, website_id: int) -> None:
    """Take what an order used off its gift cards and off the customer's credit."""
    for used in order["gift_cards"]:
        row = state.gift_cards.get(used["id"])
        if row is not None:
            state.gift_cards.update(row["id"], balance=row["balance"] - used["base_amount"])
    credit = state.balances.first(customer_id=order.get("customer_id"), website_id=website_id)
    if credit is not None and order["base_customer_balance_amount"]:
        state.balances.update(credit["id"], amount=credit["amount"] - order["base_customer_balance_amount"])


def cards_for_sold(state: State, items: Sequence[Row], pieces: Mapping[int, Decimal]) -> None:
    """Make a card for each piece of a gift card product that was invoiced, and tell the codes on its item."""
    for item in items:
        if item["product_type"] != "giftcard" or not pieces.get(item["item_id"]):
            continue
        option: Row = dict(item["product_option"]["giftcard_item_option"])
        codes = list((option.get("extension_attributes") or {}).get("giftcard_created_codes", ()))
        worth = Decimal(option["giftcard_amount"])
        count = int(pieces[item["item_id"]]) * (2 if state.switches["codes_twice"] else 1)
        codes += [gift_card_made(state, worth)["code"] for _ in range(count)]
        option["extension_attributes"] = {"giftcard_created_codes": codes}
        state.update(state.order_items, item["item_id"], product_option={"giftcard_item_option": option})
