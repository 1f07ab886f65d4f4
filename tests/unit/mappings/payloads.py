"""Store orders for the tests: the note's own example, and orders built from any amounts."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from mappings.core.canonical.order import Order
from mappings.core.heartland.shape_order import shipping_key, tender_key
from mappings.core.rules.lookups import OrderLookups

JSON = dict[str, Any]
D = Decimal
CENT = D("0.01")
ZERO = D(0)

ADDRESS: JSON = {
    "first_name": "Ana", "last_name": "Lopez", "company": "", "street_1": "12 Elm St", "street_2": "",
    "city": "Austin", "state": "Texas", "zip": "78701", "country": "United States", "country_iso2": "US",
    "phone": "5125550100", "email": "ana@example.com", "form_fields": [],
}  # fmt: skip


def half_up(amount: Decimal) -> Decimal:
    return amount.quantize(CENT, ROUND_HALF_UP)


@dataclass(frozen=True, kw_only=True)
class Priced:
    """One line as a test wants it, on the side the store prices in."""

    price: Decimal  # per piece, up to four decimals
    quantity: int = 1
    coupon: Decimal = ZERO
    manual: Decimal = ZERO
    wrap: Decimal = ZERO
    sku: str = ""
    options: tuple[JSON, ...] = ()

    @property
    def worth(self) -> Decimal:
        return half_up(self.price * self.quantity)


def sides(amount: Decimal, rate: Decimal, *, inclusive: bool) -> tuple[Decimal, Decimal, Decimal]:
    """(before tax, with tax, tax) of an amount on the pricing side."""
    if inclusive:
        tax = half_up(amount * rate / (100 + rate))
        return amount - tax, amount, tax
    tax = half_up(amount * rate / 100)
    return amount, amount + tax, tax


def line_json(number: int, line: Priced, rate: Decimal, *, inclusive: bool, told: bool = True) -> JSON:
    """A row of `/products` (note §10.1). In a store that prices with tax its tax is the one before discounts."""
    ex, inc, tax = sides(line.worth, rate, inclusive=inclusive)
    after = sides(line.worth - line.coupon - line.manual, rate, inclusive=inclusive)
    wrap_ex, wrap_inc, wrap_tax = sides(line.wrap, rate, inclusive=inclusive)
    unit = (line.price * 100 / (100 + rate) if inclusive else line.price).quantize(D("0.0001"))
    row: JSON = {
        "id": 88000 + number, "product_id": 400 + number, "variant_id": 2200 + number, "order_address_id": 5150,
        "order_pickup_method_id": 0, "name": f"Thing {number}", "sku": line.sku or f"SKU-{number}",
        "type": "physical", "price_ex_tax": unit, "total_ex_tax": ex, "total_inc_tax": inc,
        "total_tax": tax if inclusive else after[2], "quantity": line.quantity, "quantity_shipped": 0,
        "quantity_refunded": 0, "wrapping_id": 3 if line.wrap else 0,
        "wrapping_name": "Kraft paper" if line.wrap else "", "wrapping_message": "",
        "wrapping_cost_ex_tax": wrap_ex, "wrapping_cost_inc_tax": wrap_inc, "wrapping_cost_tax": wrap_tax,
        "parent_order_product_id": None, "is_bundled_product": False, "gift_certificate_id": None,
        "configurable_fields": [], "event_date": None, "product_options": list(line.options),
    }  # fmt: skip
    if told:
        row["applied_discounts"] = [
            {"id": name, "amount": amount, "code": code}
            for name, amount, code in (("coupon", line.coupon, "SAVE10"), ("manual-discount", line.manual, None))
            if amount
        ]
    return row


def order_json(
    *lines: Priced,
    rate: Decimal = ZERO,
    inclusive: bool = False,
    shipping: Decimal = ZERO,
    shipping_coupon: Decimal = ZERO,
    shipping_style: str = "coupon",
    handling: Decimal = ZERO,
    fees: tuple[Decimal, ...] = (),
    certificate: Decimal = ZERO,
    credit: Decimal = ZERO,
    told: bool = True,
    **changes: Any,
) -> JSON:
    """A V2 order that keeps every identity of note §9.3, as the one-call read answers it.

    `shipping_style` says where a shipping coupon shows: "coupon" only in coupon_discount, "lowered" only in the
    shipping cost, "both" in both. `told` is False for old orders whose lines know no discounts.
    """
    rows = [line_json(i, line, rate, inclusive=inclusive, told=told) for i, line in enumerate(lines)]
    paid_shipping = sides(shipping - shipping_coupon, rate, inclusive=inclusive)
    shown_shipping = (
        paid_shipping
        if shipping_style != "coupon"
        else sides(shipping, rate, inclusive=inclusive)[:2] + paid_shipping[2:]
    )
    hand = sides(handling, rate, inclusive=inclusive)
    wrap = [sides(line.wrap, rate, inclusive=inclusive) for line in lines]
    fee_sides = [sides(fee, rate, inclusive=inclusive) for fee in fees]
    nets = [sides(line.worth - line.coupon - line.manual, rate, inclusive=inclusive) for line in lines]
    beside = [paid_shipping, hand, *wrap, *fee_sides]
    tax = sum((part[2] for part in (*nets, *beside)), D(0))
    inc = sum((part[1] for part in (*nets, *beside)), D(0))
    goods_coupon = sum((line.coupon for line in lines), D(0))
    order: JSON = {
        "id": 10432, "customer_id": 77, "date_created": "Tue, 06 Jan 2026 14:05:09 +0000",
        "date_modified": "Tue, 06 Jan 2026 14:05:31 +0000", "status_id": 11, "status": "Awaiting Fulfillment",
        "custom_status": "Awaiting Fulfillment", "is_deleted": False, "is_tax_inclusive_pricing": inclusive,
        "subtotal_ex_tax": _total(rows, "total_ex_tax"), "subtotal_inc_tax": _total(rows, "total_inc_tax"),
        "subtotal_tax": sum((part[2] for part in nets), D(0)),
        "base_shipping_cost": shipping, **_cost("shipping_cost", shown_shipping), **_cost("handling_cost", hand),
        "wrapping_cost_ex_tax": _sum(wrap, 0), "wrapping_cost_inc_tax": _sum(wrap, 1),
        "wrapping_cost_tax": _sum(wrap, 2),
        "total_ex_tax": inc - tax, "total_inc_tax": inc, "total_tax": tax,
        "discount_amount": sum((line.manual for line in lines), D(0)),
        "coupon_discount": goods_coupon + (shipping_coupon if shipping_style != "lowered" else 0),
        "store_credit_amount": credit, "gift_certificate_amount": certificate,
        "items_total": sum(line.quantity for line in lines), "order_is_digital": False,
        "payment_method": "Credit Card", "payment_provider_id": "ch_9x1", "payment_status": "captured",
        "currency_code": "USD", "default_currency_code": "USD", "customer_message": "", "external_order_id": "",
        "billing_address": dict(ADDRESS),
        "products": {"url": "https://example.com", "resource": "/orders/10432/products"},
        "fees": [
            {"id": i, "display_name_merchant": f"Fee {i}", "cost_ex_tax": fee[0], "cost_inc_tax": fee[1],
             "cost_tax": fee[2]}
            for i, fee in enumerate(fee_sides)
        ],
        "shipping_address_count": 1,
        "consignments": {
            "shipping": [{**ADDRESS, "id": 5150, "shipping_method": "Flat Rate", "line_items": rows,
                          "cost_ex_tax": shown_shipping[0]}],
            "pickups": [], "downloads": [], "email": {"gift_certificates": []},
        },
    }  # fmt: skip
    return {**order, **changes}


def lines_of(order: Mapping[str, Any]) -> list[JSON]:
    """The lines inside the one consignment of `order_json`."""
    rows: list[JSON] = order["consignments"]["shipping"][0]["line_items"]
    return rows


def lookups_for(order: Order, **changes: Any) -> OrderLookups:
    """Everything linked and mapped, nothing required."""
    known: JSON = {
        "store": "BigCommerce",
        "location_id": "100007",
        "station_id": "100070",
        "currency": "USD",
        "item_ids": {line.sku: str(100400 + i) for i, line in enumerate(order.lines)},
        "payment_type_ids": {tender_key(tender): "100009" for tender in order.tenders},
        "shipping_method_ids": {shipping_key(order): "100003"},
        "customer_id": "100220",
        "billing_address_id": "100871",
        "shipping_address_id": "100871",
        "sales_rep": "BigCommerce",
        "gift_wrap_item_id": "100901",
        "fee_item_id": "100902",
        "line_note_field": "web_note",
        "holds_customised": False,
    }
    return OrderLookups(**(known | changes))


def _cost(stem: str, amounts: tuple[Decimal, ...]) -> JSON:
    return {f"{stem}_ex_tax": amounts[0], f"{stem}_inc_tax": amounts[1], f"{stem}_tax": amounts[2]}


def _total(rows: list[JSON], field: str) -> Decimal:
    return sum((row[field] for row in rows), D(0))


def _sum(parts: list[tuple[Decimal, Decimal, Decimal]], side: int) -> Decimal:
    return sum((part[side] for part in parts), D(0))
