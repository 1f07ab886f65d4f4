"""Gift cards that an order of Adobe Commerce sold, and that paid of it. Magento notes §18."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from mappings.core.canonical.card import CardOfOrder, CardsOfOrder
from mappings.core.canonical.json_fields import Row
from mappings.core.magento.order_rows import GIFT_CARD
from mappings.core.magento.sides import side_of
from mappings.core.rules.money import cents

ZERO = Decimal(0)
EXTRA = "extension_attributes"


def cards_of_order(answer: Mapping[str, Any], *, currency: str) -> CardsOfOrder:
    """Read an order. `currency`: of the account, as orders are read. Raises ContractBroken, and never with a code."""
    order = Row(answer, f"Order {answer.get('increment_id') or answer.get('entity_id')}")
    side = side_of(order, currency)
    sold = [row for row in order.rows("items", "item") if row.text("product_type") == GIFT_CARD]
    spent = (
        CardOfOrder(number=card.text("code"), amount=cents(side.money(card, "amount")))
        for card in order.inside(EXTRA).rows("gift_cards", "gift card")
    )
    return CardsOfOrder(
        sold=tuple(card for row in sold for card in _made_for(row)),
        pieces=sum(int(row.amount("qty_ordered") - row.amount("qty_canceled", ZERO)) for row in sold),
        spent=tuple(spent),
    )


def _made_for(item: Row) -> Iterator[CardOfOrder]:
    """The codes of one row, each worth what is printed on the card, whatever was paid for it."""
    option = item.inside("product_option").inside(EXTRA).inside("giftcard_item_option")
    codes = option.inside(EXTRA).data.get("giftcard_created_codes") or ()
    for code in codes:
        yield CardOfOrder(number=str(code), amount=cents(option.amount("giftcard_amount")))
