"""Stores that enter prices with tax, and others: to the cent through both systems, whatever hangs on the order."""

from decimal import Decimal
from typing import Any

import pytest

from mappings.core.canonical.order import ZERO
from syncjobs.models import Record
from syncjobs.stories.demo.sim import cents
from tests.flows.conftest import Pair

TEXAN = {
    "first_name": "Ann", "last_name": "Ruiz", "email": "ann.ruiz@example.com", "phone": "2515550100",
    "street_1": "12 Bay St", "city": "Austin", "state": "Texas", "zip": "78701", "country": "United States",
    "country_iso2": "US",
}  # fmt: skip
RECIPES: dict[str, dict[str, Any]] = {
    "plain": {"lines": [{"sku": "DOG-LEAD", "quantity": 2}]},
    "odd pieces": {"lines": [{"sku": "DOG-LEAD", "quantity": 7}, {"sku": "LGT-LANT", "quantity": 3}]},
    "coupon": {"lines": [{"sku": "DOG-LEAD", "quantity": 3}, {"sku": "LGT-LANT", "quantity": 1}], "coupon": "SAVE10"},
    "discount": {"lines": [{"sku": "DOG-LEAD", "quantity": 3}, {"sku": "LGT-LANT", "quantity": 2}], "discount": "7.01"},
    "handling and fee": {"lines": [{"sku": "LGT-LANT", "quantity": 3}], "handling": "3.33", "fee": "2.99"},
    "wrap": {"lines": [{"sku": "LGT-LANT", "quantity": 1, "gift_wrap": "Kraft paper"}]},
    "certificate": {"lines": [{"sku": "LGT-LANT", "quantity": 2}], "gift_certificate": "new:25.00"},
    "free shipping": {"lines": [{"sku": "LGT-LANT", "quantity": 2}], "coupon": "FREESHIP"},
    "kit with pieces at 0.00": {
        "lines": [
            {"sku": "KIT-MORNING", "quantity": 3, "modifiers": {"Coffee": "Drip Bags, 10", "Tableware": "Enamel Plate"}}
        ],
        "coupon": "SAVE10",
    },
    "four decimals": {"custom_line": {"name": "Cord", "sku": "DOG-LEAD", "price": "1.3379", "quantity": 7}},
}


@pytest.fixture(params=[True, False], ids=["with tax", "before tax"])
def gross(pair: Pair, request: pytest.FixtureRequest) -> Pair:
    """The pair, with prices entered with tax or before it, and an item for wrapping and fees."""
    pair.bigcommerce.put("/_sim/store", {"is_price_entered_with_tax": request.param})
    settings = pair.connection.order_settings
    settings.gift_wrap_item_id = settings.fee_item_id = str(pair.heartland.rows("items")[0]["id"])
    settings.save()
    return pair


@pytest.mark.parametrize("recipe", RECIPES)
def test_an_order_priced_with_tax_is_booked_to_the_cent(gross: Pair, recipe: str) -> None:
    web_id = gross.place(guest=TEXAN, **RECIPES[recipe])
    sold = gross.bigcommerce.get("/_sim/state/orders", id=web_id)["rows"][0]
    assert gross.run(web_id) == "done", gross.record(web_id).reason
    assert gross.record(web_id).disposition == Record.Disposition.BOOKED
    (order,) = gross.sales_orders(web_id)
    assert (order["status"], cents(order["total"])) == ("open", cents(sold["total_inc_tax"]))
    taxes = sum((cents(row["value"]) for row in gross.rows_of("order_taxes", order["id"])), ZERO)
    assert taxes == cents(sold["total_tax"])
    lines = gross.rows_of("order_lines", order["id"])
    goods = sum((cents(Decimal(str(row["qty"])) * Decimal(str(row["adjusted_unit_price"]))) for row in lines), ZERO)
    assert goods + cents(order["shipping_charge"]) + taxes == cents(sold["total_inc_tax"])
    paid = sum((cents(row["amount"]) for row in gross.rows_of("payments", order["id"])), ZERO)
    assert paid == cents(sold["total_inc_tax"])
