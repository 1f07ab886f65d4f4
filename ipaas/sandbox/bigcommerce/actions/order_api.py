"""Orders written through the API: POST and the patch rules of PUT (note §13)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from ipaas.sandbox.bigcommerce import rows as shapes
from ipaas.sandbox.bigcommerce.actions.order_lines import money_of, price_pair, quantity_of, read_line
from ipaas.sandbox.bigcommerce.actions.orders import (
    PENDING,
    items_total,
    lines_insert,
    order_changed,
    order_get,
    order_place,
    order_restock,
    order_set_status,
    status_by_hand,
)
from ipaas.sandbox.bigcommerce.actions.stock import take
from ipaas.sandbox.bigcommerce.actions.totals import COSTS, dropped_discounts, line_totals, order_totals
from ipaas.sandbox.bigcommerce.errors import invalid, missing, read_only
from ipaas.sandbox.bigcommerce.rows import ZERO, PricedOrder
from ipaas.sandbox.bigcommerce.state import Row, State, named, objects
from ipaas.sandbox.bigcommerce.wire import parse_date, parse_decimal, parse_int

COST_PAIRS = {f"{stem}_{side}_tax" for stem in COSTS for side in ("ex", "inc")}
BASES = {f"base_{stem}" for stem in COSTS}
TOTALS = {"subtotal_ex_tax", "subtotal_inc_tax", "total_ex_tax", "total_inc_tax"}
MONEY = COST_PAIRS | BASES | TOTALS | {"discount_amount"}
NUMBERS = {"customer_id", "status_id", "channel_id"}
FLAGS = {"order_is_digital", "is_email_opt_in", "is_deleted"}
TEXTS = {
    "payment_method",
    "staff_notes",
    "customer_message",
    "external_source",
    "external_order_id",
    "tax_provider_id",
    "external_merchant_id",
    "ip_address",
    "ip_address_v6",
    "geoip_country",
    "geoip_country_iso2",
    "customer_locale",
    "ebay_order_id",
    "credit_card_type",
    "default_currency_code",
    "payment_provider_id",
    "date_created",
    "cart_id",
}
PARTS = {"billing_address", "products", "shipping_addresses", "consignments", "fees", "form_fields"}
ONLY_ONCE = {"external_merchant_id", "consignments"}
READ_ONLY = {
    "id",
    "date_modified",
    "date_shipped",
    "status",
    "custom_status",
    "subtotal_tax",
    "total_tax",
    "payment_status",
    *(f"{stem}_tax" for stem in COSTS),
    *(f"{stem}_tax_class_id" for stem in COSTS),
    "items_total",
    "items_shipped",
    "coupon_discount",
    "gift_certificate_amount",
    "store_credit_amount",
    "refunded_amount",
    "shipping_address_count",
    "currency_id",
    "currency_code",
    "currency_exchange_rate",
    "default_currency_id",
    "store_default_currency_code",
    "store_default_to_transactional_exchange_rate",
    "is_tax_inclusive_pricing",
    "order_source",
    "external_id",
    "coupons",
}
TEXT_LIMIT = 65_535


def read_scalars(state: State, body: Row) -> Row:
    """The scalar fields of a write with their types. Raises 400 for read-only, unknown and wrong ones."""
    found: Row = {}
    for name, value in body.items():
        if name in READ_ONLY:
            raise read_only(name)
        if name in PARTS:
            continue
        found[name] = _scalar(name, value)
    if found.get("customer_id") and found["customer_id"] not in state.customers:
        raise invalid("customer_id", "The customer does not exist")
    if "status_id" in found and found["status_id"] not in state.statuses:
        raise invalid("status_id", "The order status does not exist")
    return found


def _scalar(name: str, value: Any) -> Any:
    try:
        if name == "date_created":
            return parse_date(value)
        if name in MONEY:
            return parse_decimal(value)
        if name in NUMBERS:
            return parse_int(value)
    except (ValueError, AttributeError, TypeError) as exc:
        raise invalid(name, str(exc)) from exc
    if name in FLAGS:
        if not isinstance(value, bool):
            raise invalid(name, "A boolean is expected")
        return value
    if name not in TEXTS:
        raise invalid(name, "Unknown field")
    if value is not None and not isinstance(value, str | int):
        raise invalid(name, "A string is expected")
    if isinstance(value, str) and len(value) > TEXT_LIMIT:
        raise invalid(name, f"Longer than {TEXT_LIMIT} characters")
    return value


def read_address(name: str, value: Any, *, extra: tuple[str, ...] = ()) -> Row:
    """An address given in a write. Raises 400."""
    if not isinstance(value, dict):
        raise invalid(name, "An object is expected")
    for key, text in value.items():
        if key in extra or key == "form_fields":
            continue
        if key not in shapes.STREET_ADDRESS:
            raise invalid(key, "Unknown field")
        if not isinstance(text, str):
            raise invalid(key, "A string is expected")
    return value


def read_form_fields(holder: Row) -> list[Row]:
    """`[{"name", "value"}]` of checkout fields (§9.2). Raises 400."""
    return [{"name": str(row.get("name") or ""), "value": row.get("value")} for row in _objects(holder, "form_fields")]


# --- POST -----------------------------------------------------------------------------------------


def order_create(state: State, body: Row) -> Row:
    """POST /v2/orders: no e-mail, no promotions, status 1 unless told (§13). Raises 400."""
    scalars = read_scalars(state, body)
    if "billing_address" not in body:
        raise missing("billing_address")
    if ("products" in body) == ("consignments" in body):
        raise invalid("consignments", "Send products or consignments") if "products" in body else missing("products")
    billing = read_address("billing_address", body["billing_address"])
    inclusive = bool(state.profile()["is_price_entered_with_tax"])
    items, places, pickup = _destinations(body, billing)
    lines = [read_line(state, item, inclusive=inclusive) for item in items]
    if not lines:
        raise missing("products")
    for line in lines:
        line["address"] = 0 if places and line.get("type", "physical") == "physical" else None
    order = _priced(state, scalars, lines, body.get("fees") or [], inclusive=inclusive)
    order["billing_address"] = billing
    order["form_fields"] = read_form_fields(body)
    if places:
        places = [{**places[0], **_address_costs(order)}, *places[1:]]
    status = scalars.get("status_id", PENDING)
    priced = PricedOrder(order=order, lines=lines, addresses=places, fees=_fees(body), pickup=pickup)
    return order_place(state, priced, status_id=status, source="api")


def _objects(body: Row, name: str) -> list[Row]:
    """A part of a write that is an array of objects. Raises 400."""
    found = objects(body.get(name))
    if found is None:
        raise invalid(name, "An array of objects is expected")
    return found


def _destinations(body: Row, billing: Row) -> tuple[list[Row], list[Row], Row | None]:
    """Line items, shipping addresses and the pickup a POST names; without an address it is the billing one."""
    if "consignments" in body:
        return _consigned(body["consignments"], billing)
    given = [
        read_address("shipping_addresses", address, extra=("shipping_method",))
        for address in _objects(body, "shipping_addresses")
    ]
    return _objects(body, "products"), given[:1] or [billing], None


def _consigned(consignments: Any, billing: Row) -> tuple[list[Row], list[Row], Row | None]:
    """The same from `consignments`: all shipping or all pickup (§11)."""
    if not isinstance(consignments, dict):
        raise invalid("consignments", "An object is expected")
    if pickups := _objects(consignments, "pickups"):
        known = {name: value for name, value in pickups[0].items() if name in shapes.PICKUP}
        if not isinstance(known.get("location", {}), dict):
            raise invalid("location", "An object is expected")
        return _objects(pickups[0], "line_items"), [], known
    shipping = _objects(consignments, "shipping")
    items = [item for place in shipping for item in _objects(place, "line_items")]
    names = {*shapes.STREET_ADDRESS, "shipping_method"} - {"form_fields"}
    place = shipping[0] if shipping else {}
    address: Row = {name: str(value) for name, value in place.items() if name in names}
    if "form_fields" in place:
        address["form_fields"] = read_form_fields(place)
    return items, [address or billing], None


def _fees(body: Row) -> list[Row]:
    found = []
    for fee in _objects(body, "fees"):
        row = {k: v for k, v in fee.items() if k in shapes.FEE}
        for name in ("base_cost", "cost_ex_tax", "cost_inc_tax", "cost_tax"):
            row[name] = money_of(name, fee.get(name, 0))
        found.append(shapes.complete(shapes.FEE, row))
    return found


def _address_costs(order: Row) -> Row:
    return {
        "base_cost": order["base_shipping_cost"],
        "cost_ex_tax": order["shipping_cost_ex_tax"],
        "cost_inc_tax": order["shipping_cost_inc_tax"],
        "cost_tax": order["shipping_cost_tax"],
        "base_handling_cost": order["base_handling_cost"],
        "handling_cost_ex_tax": order["handling_cost_ex_tax"],
        "handling_cost_inc_tax": order["handling_cost_inc_tax"],
        "handling_cost_tax": order["handling_cost_tax"],
    }


def _priced(state: State, scalars: Row, lines: list[Row], fees: list[Row], *, inclusive: bool) -> Row:
    given = {k: v for k, v in scalars.items() if k in shapes.ORDER}
    order = {
        **shapes.ORDER,
        "order_source": "external",
        "is_tax_inclusive_pricing": inclusive,
        "payment_status": state.switches["offline_payment_status"],
        "ip_address": "",
        **given,
    }
    order["order_is_digital"] = bool(lines) and all(line.get("type") == "digital" for line in lines)
    totals = order_totals(order, lines, _fees({"fees": fees}))
    return {**order, **totals, **{name: scalars[name] for name in TOTALS if name in scalars}}


# --- PUT ------------------------------------------------------------------------------------------


def order_edit(state: State, order_id: int, body: Row) -> Row:
    """PUT /v2/orders/{id}: a patch of scalars, billing address and lines; fees as a whole (§13). Raises 400."""
    order = order_get(state, order_id)
    for name in ONLY_ONCE & body.keys():
        raise read_only(name)
    changes = read_scalars(state, body)
    if "billing_address" in body:
        changes["billing_address"] = {
            **order["billing_address"],
            **read_address("billing_address", body["billing_address"]),
        }
    if "form_fields" in body:
        changes["form_fields"] = read_form_fields(body)
    for address in _objects(body, "shipping_addresses"):
        _edit_address(state, order_id, address)
    if "fees" in body:
        for fee in state.order_fees.find(order_id=order_id):
            state.order_fees.delete(fee["id"])
        for fee in _fees(body):
            state.order_fees.insert({**fee, "order_id": order_id})
    if "products" in body:
        changes.update(_edit_lines(state, order, body["products"]))
    if {"products", "fees"} & body.keys() or MONEY & changes.keys():
        changes.update(_retotal(state, {**order, **changes}, changes))
    if changes.get("status_id") == 4 and order["status_id"] != 4:
        order_restock(state, order)
    if changes.keys() == {"status_id"}:
        return order_set_status(state, order_id, changes["status_id"])
    if "status_id" in changes:
        changes |= status_by_hand(state, order, changes["status_id"])
    return order_changed(state, order_id, changes)


def _edit_address(state: State, order_id: int, address: Row) -> None:
    row = named(state.order_addresses, address.get("id"))
    if row is None or row["order_id"] != order_id:
        raise invalid("shipping_addresses", "The address does not belong to the order")
    known = read_address("shipping_addresses", address, extra=("id", "shipping_method"))
    state.order_addresses.update(row["id"], {k: v for k, v in known.items() if k != "id"})


def _edit_lines(state: State, order: Row, items: Any) -> Row:
    """Lines with id edit or (quantity 0) go, without id come; edited lines lose their discounts."""
    if not isinstance(items, list):
        raise invalid("products", "An array is expected")
    coupon, other = order["coupon_discount"], order["discount_amount"]
    new = []
    for item in items:
        if not isinstance(item, dict) or not item.get("id"):
            new.append(read_line(state, item, inclusive=order["is_tax_inclusive_pricing"]))
            continue
        lost = _edit_line(state, order, item)
        coupon, other = coupon - lost[0], other - lost[1]
    places = [row["id"] for row in state.order_addresses.find(order_id=order["id"])]
    for line in new:
        line["address"] = 0 if places and line.get("type", "physical") == "physical" else None
    for row in lines_insert(state, order, new, places, None):
        _edit_stock(state, order, row["variant_id"], -row["quantity"])
    lines = state.lines.find(order_id=order["id"])
    return {
        "coupon_discount": max(coupon, ZERO),
        "discount_amount": max(other, ZERO),
        "items_total": items_total(state, lines),
    }


def _edit_line(state: State, order: Row, item: Row) -> tuple[Decimal, Decimal]:
    line = named(state.lines, item["id"])
    if line is None or line["order_id"] != order["id"]:
        raise invalid("id", "The order product does not belong to the order")
    lost = dropped_discounts(line)
    quantity = quantity_of(item) if "quantity" in item else line["quantity"]
    _edit_stock(state, order, line["variant_id"], line["quantity"] - quantity)
    if quantity == 0:
        state.lines.delete(line["id"])
        return lost
    if quantity < line["quantity_shipped"]:
        raise invalid("quantity", "Quantity is below what was shipped")
    ex, inc = (
        price_pair(item, line["price_ex_tax"])
        if {"price_ex_tax", "price_inc_tax"} & item.keys()
        else (line["price_ex_tax"], line["price_inc_tax"])
    )
    changed = {**line, "quantity": quantity, "price_ex_tax": ex, "price_inc_tax": inc}
    names: Row = {name: item[name] for name in ("name", "name_customer", "name_merchant", "sku") if name in item}
    totals = line_totals(changed, inclusive=order["is_tax_inclusive_pricing"])
    state.lines.update(line["id"], {**changed, **names, **totals})
    return lost


def _edit_stock(state: State, order: Row, variant_id: int | None, delta: int) -> None:
    if order["holds_stock"] and state.profile()["edit_order_stock_adjustment"]:
        take(state, variant_id, delta)


def _retotal(state: State, order: Row, given: Row) -> Row:
    lines, fees = state.lines.find(order_id=order["id"]), state.order_fees.find(order_id=order["id"])
    totals = order_totals(order, lines, fees)
    return {**totals, **{name: given[name] for name in TOTALS if name in given}}
