"""A sales order of Heartland's desk as `POST /v2/orders` takes it. BigCommerce note §13."""

from typing import Any

from mappings.core.canonical.desk_order import DeskOrder
from mappings.core.canonical.order import Address
from mappings.core.rules import countries, names

TO_FULFIL = 11  # Awaiting Fulfillment: a paid order that did not leave yet (notes §9.1)
PAID_BY = "Paid in Heartland"
SOURCE = "Tillbridge"


def desk_order_body(order: DeskOrder) -> dict[str, Any]:
    """Prices go in pairs, with and without tax, or the store works out others; totals are what these come to."""
    return {
        "status_id": TO_FULFIL,
        "customer_id": int(order.account_id or 0),
        "external_source": SOURCE,
        "external_order_id": order.mark,
        "payment_method": PAID_BY,
        "staff_notes": f"Made in Heartland as {order.number}, where its stock and its money are kept.",
        "billing_address": _address(order.billing) | {"email": order.email},
        "shipping_addresses": [_address(order.delivery) | {"email": order.email}],
        "shipping_cost_ex_tax": f"{order.shipping:.2f}",
        "shipping_cost_inc_tax": f"{order.shipping + order.shipping_tax:.2f}",
        "products": [
            {
                "product_id": int(line.product_id),
                "variant_id": int(line.variant_id),
                "quantity": unit.quantity,
                "price_ex_tax": f"{unit.price:.2f}",
                "price_inc_tax": f"{unit.price_with_tax:.2f}",
            }
            for line in order.lines
            for unit in line.units
        ],
    }


def _address(address: Address) -> dict[str, str]:
    first_name, last_name = names.both(address.first_name, address.last_name)
    return {
        "first_name": first_name,
        "last_name": last_name,
        "company": address.company,
        "street_1": address.line_1,
        "street_2": address.line_2,
        "city": address.city,
        "state": countries.state_name(address.country, address.state),
        "zip": address.postal_code,
        "country": countries.country_name(address.country),
        "country_iso2": address.country,
        "phone": address.phone,
    }
