"""Orders that every sandbox can place, and one that nobody has."""

from decimal import Decimal

from mappings.core.canonical.order import Order

NOBODYS = "99999999"
BUYER = {
    "first_name": "Ann", "last_name": "Ruiz", "email": "ann.ruiz@example.com", "phone": "2515550100",
    "street_1": "12 Bay St", "city": "Austin", "state": "Texas", "zip": "78701", "country": "United States",
    "country_iso2": "US",
}  # fmt: skip
LEADS = {"lines": [{"sku": "DOG-LEAD", "quantity": 2}], "guest": BUYER}
TWO = {"lines": [{"sku": "DOG-LEAD", "quantity": 2}, {"sku": "LGT-LANT", "quantity": 1}], "guest": BUYER}


def charged(order: Order) -> Decimal:
    """What the parts of an order come to."""
    charges = sum((one.amount for one in order.charges), Decimal(0))
    return order.subtotal - order.discount + order.shipping + order.wrapping + charges + order.tax
