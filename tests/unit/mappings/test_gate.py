"""The cent-exact gate and its explanations."""

from decimal import Decimal
from typing import Any

import pytest

from mappings.core.bigcommerce.orders import order_from_bigcommerce
from mappings.core.heartland.gate import Agreement, Difference, compare
from tests.unit.mappings.payloads import Priced, order_json

D = Decimal
ORDER = order_from_bigcommerce(order_json(Priced(price=D("24.00"), quantity=2), shipping=D("6.95"), rate=D("8.25")))
# goods 48.00, shipping 6.95, tax 3.96 + 0.57
TOTAL = D("59.48")


def answer(**changes: Any) -> dict[str, Any]:
    lines = [{"id": 1, "qty": 2, "original_unit_price": D(24), "adjusted_unit_price": D("24.00")}]
    return {"shipping_charge": D("6.95"), "total_tax": D("4.53"), "total_discounts": D(0), "lines": lines} | changes


def test_equal_totals_agree() -> None:
    assert ORDER.total == TOTAL
    assert compare(TOTAL, D("59.48"), ORDER, answer()) == Agreement(total=TOTAL)


@pytest.mark.parametrize(
    ("changes", "computed", "name", "words"),
    [
        ({"total_tax": D("8.49")}, "63.44", "tax", "Heartland adds its own tax of 3.96"),
        ({"total_tax": D("0")}, "54.95", "tax", "its tax lines lack 4.53"),
        ({"shipping_charge": D("9.95")}, "62.48", "shipping", "Shipping is 9.95, and should be 6.95."),
        ({"lines": [{"qty": 2, "original_unit_price": D("23.99")}]}, "59.46", "goods", "are 47.98, and should be 48"),
        ({"lines": [], "subtotal": D("47.98")}, "59.46", "goods", "are 47.98, and should be 48"),
        ({"total_discounts": D("5.00")}, "54.48", "discounts", "Heartland took off 5.00 by itself."),
        ({"total_discounts": D("-5.00")}, "54.48", "discounts", "Heartland took off 5.00 by itself."),
        ({}, "59.49", "rest", "0.01 come from something that its order does not show"),
        ({"total_tax": None, "shipping_charge": None}, "60.48", "rest", "1.00 come from something"),
    ],
)
def test_a_difference_is_explained_where_it_arises(
    changes: dict[str, Any], computed: str, name: str, words: str
) -> None:
    verdict = compare(TOTAL, D(computed), ORDER, answer(**changes))
    assert isinstance(verdict, Difference)
    assert [part.name for part in verdict.parts] == [name]
    assert words in verdict.sentence
    assert sum(part.amount for part in verdict.parts) == verdict.amount == D(computed) - TOTAL
    assert verdict.violation().code == "totals_differ"
    assert verdict.violation().value == name


def test_differences_that_cancel_out_are_both_shown() -> None:
    verdict = compare(TOTAL, D("60.48"), ORDER, answer(total_tax=D("8.53"), shipping_charge=D("3.95")))
    assert isinstance(verdict, Difference)
    assert [(part.name, part.amount) for part in verdict.parts] == [("shipping", D("-3.00")), ("tax", D("4.00"))]
    assert verdict.sentence.startswith(
        "Order 10432: Heartland makes it 60.48, 1.00 more than the 59.48 that the shopper was charged."
    )
