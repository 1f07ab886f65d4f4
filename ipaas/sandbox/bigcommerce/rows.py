"""Raw rows of an order, as they pass from pricing to the state machine (note §9.2, §10.1, §11, §12, §15).

Conventions inside the state, before the border renders them:
- money and rates are `Decimal`, never float; the API renders V2 money as text with four decimals;
- dates are unix seconds as `int`, `None` when not set;
- a row has no `id`: `actions.order_place` numbers rows and links them.
Links between rows that have no id yet are positions: `address`, `line` and `parent` below.
Keys left out take the default from the tables here; a key that no table knows is refused.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Literal

Row = dict[str, Any]
ZERO = Decimal(0)
ONE = Decimal(1)

PayOutcome = Literal["incomplete", "captured", "authorized", "offline", "declined"]
"""How a checkout ended; see `actions.order_pay`. `incomplete` means the shopper left at the payment page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PricedOrder:
    """One order, computed to the cent and not yet numbered.

    order      §9.2 without `id`, `status*`, `date_modified`, `items_*` and the link objects (see ORDER).
               `date_created` (unix seconds) may be given; otherwise it is now.
    lines      §10.1 without `id`, `order_id`, `order_address_id` (see LINE), plus
               `address`           position in `addresses`, `None` for digital and pickup lines;
               `parent`            position in `lines` of the line whose pick list made this one, else `None`;
               `gift_certificate`  for a line of type `giftcertificate`: {to_name, to_email, from_name,
                                   from_email, message, template}, amount = the line's price;
               `product_options`   rows of OPTION without `id` and `order_product_id`.
    addresses  §11 without `id`, `order_id` (see ADDRESS): one per shipping destination; `[]` for digital, pickup.
    pickup     the one pickup consignment of §11 (see PICKUP), or `None`.
    taxes      §12 without ids (see TAX), plus `line` and `address`: positions or `None`.
    coupons    §12 without ids (see COUPON). `coupon_id` is the row in the coupons table.
    fees       §12 without ids (see FEE).
    tenders    how the shopper pays, in the order in which the tenders are taken (see TENDER). Their amounts
               sum to `total_inc_tax`. A gift-certificate tender names its `gift_certificate_code`;
               a store-credit tender has method `store_credit`. Transactions are written from these.
    """

    order: Row
    lines: list[Row]
    addresses: list[Row] = field(default_factory=list)
    taxes: list[Row] = field(default_factory=list)
    coupons: list[Row] = field(default_factory=list)
    fees: list[Row] = field(default_factory=list)
    tenders: list[Row] = field(default_factory=list)
    pickup: Row | None = None


STREET_ADDRESS: MappingProxyType[str, Any] = MappingProxyType(
    {
        "first_name": "",
        "last_name": "",
        "company": "",
        "street_1": "",
        "street_2": "",
        "city": "",
        "state": "",
        "zip": "",
        "country": "",
        "country_iso2": "",
        "phone": "",
        "email": "",
        "form_fields": (),
    }
)
"""`form_fields` holds {name, value} rows."""


def _sides(stem: str) -> Row:
    """The four money fields of a cost: base, without tax, with tax, tax."""
    return {f"base_{stem}": ZERO, f"{stem}_ex_tax": ZERO, f"{stem}_inc_tax": ZERO, f"{stem}_tax": ZERO}


ORDER: MappingProxyType[str, Any] = MappingProxyType(
    {
        "customer_id": 0,
        "date_created": None,
        "subtotal_ex_tax": ZERO,
        "subtotal_inc_tax": ZERO,
        "subtotal_tax": ZERO,
        **_sides("shipping_cost"),
        "shipping_cost_tax_class_id": 2,
        **_sides("handling_cost"),
        "handling_cost_tax_class_id": 2,
        **_sides("wrapping_cost"),
        "wrapping_cost_tax_class_id": 3,
        "total_ex_tax": ZERO,
        "total_inc_tax": ZERO,
        "total_tax": ZERO,
        "is_tax_inclusive_pricing": False,
        "discount_amount": ZERO,
        "coupon_discount": ZERO,
        "store_credit_amount": ZERO,
        "gift_certificate_amount": ZERO,
        "order_is_digital": False,
        "payment_method": "",
        "payment_provider_id": None,
        "payment_status": "",
        "refunded_amount": ZERO,
        "credit_card_type": None,
        "currency_id": 1,
        "currency_code": "USD",
        "currency_exchange_rate": ONE,
        "default_currency_id": 1,
        "default_currency_code": "USD",
        "store_default_currency_code": "USD",
        "store_default_to_transactional_exchange_rate": ONE,
        "tax_provider_id": "BasicTaxProvider",
        "customer_locale": "en",
        "order_source": "www",
        "channel_id": 1,
        "external_source": None,
        "external_id": None,
        "external_order_id": "",
        "external_merchant_id": None,
        "ebay_order_id": "0",
        "cart_id": None,
        "ip_address": "203.0.113.9",
        "ip_address_v6": "",
        "geoip_country": "United States",
        "geoip_country_iso2": "US",
        "staff_notes": "",
        "customer_message": "",
        "is_email_opt_in": False,
        "billing_address": STREET_ADDRESS,
        "form_fields": (),
    }
)
"""The order row. `order_place` adds id, status_id, is_deleted, date_modified, date_shipped, items_total,
items_shipped and shipping_address_count."""

LINE: MappingProxyType[str, Any] = MappingProxyType(
    {
        "address": None,
        "parent": None,
        "gift_certificate": None,
        "product_id": 0,
        "variant_id": None,
        "order_pickup_method_id": 0,
        "name": "",
        "name_customer": "",
        "name_merchant": "",
        "sku": "",
        "upc": "",
        "type": "physical",
        "base_price": ZERO,
        "price_ex_tax": ZERO,
        "price_inc_tax": ZERO,
        "price_tax": ZERO,
        "base_total": ZERO,
        "total_ex_tax": ZERO,
        "total_inc_tax": ZERO,
        "total_tax": ZERO,
        "discounted_total_inc_tax": ZERO,
        "quantity": 1,
        "return_id": 0,
        "refund_amount": ZERO,
        "base_cost_price": ZERO,
        "cost_price_ex_tax": ZERO,
        "cost_price_inc_tax": ZERO,
        "cost_price_tax": ZERO,
        "weight": ZERO,
        "width": ZERO,
        "height": ZERO,
        "depth": ZERO,
        "fixed_shipping_cost": ZERO,
        "wrapping_id": 0,
        "wrapping_name": "",
        "wrapping_message": "",
        **_sides("wrapping_cost"),
        "option_set_id": None,
        "is_bundled_product": False,
        "bin_picking_number": "",
        "external_id": None,
        "brand": "",
        "event_name": None,
        "event_date": None,
        "ebay_item_id": "",
        "ebay_transaction_id": "",
        "gift_certificate_id": None,
        "configurable_fields": (),
        "applied_discounts": (),
        "product_options": (),
    }
)
"""A line. `order_place` adds id, order_id, order_address_id, parent_order_product_id, quantity_shipped,
quantity_refunded and is_refunded. `applied_discounts` holds {id, amount, name, code, target}, amount Decimal."""

OPTION: MappingProxyType[str, Any] = MappingProxyType(
    {
        "option_id": 0,
        "product_option_id": 0,
        "display_name": "",
        "display_name_customer": "",
        "display_name_merchant": "",
        "display_value": "",
        "display_value_customer": "",
        "display_value_merchant": "",
        "value": "",
        "type": "Multiple choice",
        "name": "",
        "display_style": "",
    }
)

ADDRESS: MappingProxyType[str, Any] = MappingProxyType(
    {
        **STREET_ADDRESS,
        "shipping_method": "",
        "base_cost": ZERO,
        "cost_ex_tax": ZERO,
        "cost_inc_tax": ZERO,
        "cost_tax": ZERO,
        "cost_tax_class_id": 2,
        **_sides("handling_cost"),
        "handling_cost_tax_class_id": 2,
        "shipping_zone_id": 1,
        "shipping_zone_name": "US",
    }
)

PICKUP: MappingProxyType[str, Any] = MappingProxyType(
    {
        "pickup_method_id": 1,
        "pickup_method_display_name": "Pick up in store",
        "collection_instructions": "",
        "collection_time_description": "",
        "location": MappingProxyType({}),
    }
)
"""`location`: {name, code, address_line_1, address_line_2, city, state, postal_code, country_alpha2, email, phone}."""

TAX: MappingProxyType[str, Any] = MappingProxyType(
    {
        "line": None,
        "address": None,
        "tax_rate_id": 1,
        "sales_tax_id": "",
        "tax_class_id": 0,
        "name": "",
        "class": "Default Tax Class",
        "rate": ZERO,
        "priority": 0,
        "priority_amount": ZERO,
        "line_amount": ZERO,
        "line_item_type": "item",
        "order_pickup_method_id": 0,
    }
)
"""`line_item_type` is item, shipping, handling or gift-wrapping."""

COUPON: MappingProxyType[str, Any] = MappingProxyType(
    {
        "coupon_id": 0,
        "code": "",
        "amount": ZERO,
        "type": 0,
        "discount": ZERO,
    }
)

FEE: MappingProxyType[str, Any] = MappingProxyType(
    {
        "type": "custom_fee",
        "display_name_customer": "",
        "display_name_merchant": "",
        "source": "checkout",
        "base_cost": ZERO,
        "cost_ex_tax": ZERO,
        "cost_inc_tax": ZERO,
        "cost_tax": ZERO,
        "tax_class_id": None,
    }
)

TENDER: MappingProxyType[str, Any] = MappingProxyType(
    {
        "method": "credit_card",
        "gateway": "testgateway",
        "amount": ZERO,
        "payment_method_id": "",
        "gateway_transaction_id": "",
        "display_name": "",
        "gift_certificate_code": None,
        "credit_card": None,
        "test": False,
    }
)
"""`method` as in §15 (credit_card, gift_certificate, store_credit, offline, custom, ...). `display_name` names an
offline or custom method; `credit_card` is {card_type, card_iin, card_last4, card_expiry_month, card_expiry_year}."""


def complete(defaults: MappingProxyType[str, Any], row: Row) -> Row:
    """A new row with every key of `defaults`. Raises KeyError for a key the table does not know."""
    if unknown := row.keys() - defaults.keys():
        raise KeyError(f"unknown fields: {', '.join(sorted(unknown))}")
    merged = {**defaults, **row}
    return {key: list(value) if isinstance(value, tuple) else value for key, value in merged.items()}
