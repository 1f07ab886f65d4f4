"""Gift cards in orders: what pays is no discount, what is sold is no goods (gift-cards.md G06, G07)."""

from decimal import Decimal
from typing import Any

from mappings.core.heartland.shape_order import order_to_heartland
from mappings.core.magento.orders import order_from_magento
from tests.unit.mappings.magento_orders import item, order
from tests.unit.mappings.payloads import lookups_for

D = Decimal


def test_g07_a_gift_card_is_money_and_not_a_discount() -> None:
    bought = item("TEE", 1, 100, id=1, discount_amount=10, tax_amount=D("7.43"))
    found = order_from_magento(order(bought, extension={"gift_cards_amount": D(50)}), currency="USD")
    assert (found.total, found.tax, found.discount) == (D("97.43"), D("7.43"), D("10.00"))
    assert [(one.kind, one.amount) for one in found.tenders] == [
        ("gateway", D("47.43")),
        ("gift_certificate", D("50.00")),
    ]


def test_g06_a_card_that_was_sold_for_less_is_a_line_with_its_discount() -> None:
    sold = item("GIFT", 1, 100, id=1, product_type="giftcard", discount_amount=50)
    found = order_from_magento(order(sold), currency="USD")
    shaped = order_to_heartland(found, lookups_for(found, item_ids={}, gift_card_item_id="100903"))
    rows: Any = shaped.header["lines"]
    assert [(row["item_id"], row["original_unit_price"], row["adjusted_unit_price"]) for row in rows] == [
        (100903, D("100.00"), D("50.00"))
    ]
    assert (shaped.total, found.discount, [one.amount for one in shaped.tenders]) == (D(50), D(50), [D(50)])
