"""Refunds: quote, submit, late gateway answer (note §17)."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from ipaas.sandbox.bigcommerce.actions import orders
from ipaas.sandbox.bigcommerce.actions.orders import order_changed, order_get
from ipaas.sandbox.bigcommerce.actions.payments import OWN_MONEY, SPECIAL_GATEWAYS, paid_amounts, transaction_write
from ipaas.sandbox.bigcommerce.errors import STATUS_PAGE, Refused, bad_fields
from ipaas.sandbox.bigcommerce.rows import ZERO
from ipaas.sandbox.bigcommerce.state import Row, State, named, objects
from ipaas.sandbox.bigcommerce.wire import CENT, parse_decimal

LINE_TYPES = ("PRODUCT", "GIFT_WRAPPING")
AMOUNT_TYPES = ("SHIPPING", "HANDLING", "FEE", "ORDER", "TAX")
PROVIDERS = {"storecredit": "Store Credit", "giftcertificate": "Gift Certificate", "custom": "Custom"}
REASON_LIMIT = 1_000
MOST_MONEY = 10**12


def cents(value: Decimal) -> Decimal:
    """Round to the currency's cent, half up."""
    return value.quantize(CENT, ROUND_HALF_UP)


def refused_in_data(status: int, title: str) -> Refused:
    """Refund errors sit inside `data` (§7.3)."""
    return Refused(status, title, body={"data": [{"status": status, "title": title, "type": STATUS_PAGE}]})


# --- reading a request ----------------------------------------------------------------------------


def _number(value: Any, place: str) -> Decimal:
    try:
        number = parse_decimal(value)
    except ValueError as exc:
        raise bad_fields({place: "A number is required"}) from exc
    if abs(number) > MOST_MONEY:
        raise bad_fields({place: "The number is too large"})
    return number


def _amount(item: Row, place: str) -> Decimal:
    amount = _number(item.get("amount"), f"{place}.amount")
    if amount <= 0:
        raise bad_fields({f"{place}.amount": "Must be greater than 0"})
    return amount


def _quantity(item: Row, place: str) -> int:
    quantity = item.get("quantity")
    if not isinstance(quantity, int) or isinstance(quantity, bool) or quantity < 1:
        raise bad_fields({f"{place}.quantity": "Must be an integer greater than 0"})
    return quantity


def share(whole: Decimal, line: Row, quantity: int) -> Decimal:
    """The part of a line's money that the next `quantity` pieces carry; all pieces add up to the whole, to the cent."""
    done = line["quantity_refunded"]
    return cents(whole * (done + quantity) / line["quantity"]) - cents(whole * done / line["quantity"])


def _line_item(state: State, order: Row, item: Row, place: str) -> Row:
    line = named(state.lines, item.get("item_id"))
    if line is None or line["order_id"] != order["id"]:
        raise bad_fields({f"{place}.item_id": "The item does not belong to the order"})
    quantity = _quantity(item, place)
    left = line["quantity"] - line["quantity_refunded"]
    if item["item_type"] == "GIFT_WRAPPING":
        return _read(
            item,
            quantity,
            share(line["wrapping_cost_inc_tax"], line, quantity),
            share(line["wrapping_cost_tax"], line, quantity),
        )
    if quantity > left:
        raise refused_in_data(422, f"Quantity {quantity} exceeds the refundable quantity {left}")
    paid = share(line["discounted_total_inc_tax"], line, quantity) + _adjusted(item, place)
    return _read(item, quantity, paid, share(line["total_tax"], line, quantity))


def _adjusted(item: Row, place: str) -> Decimal:
    """Sum of an item's adjustments, each below zero, such as a restocking fee."""
    adjustments = objects(item.get("adjustments"))
    if adjustments is None:
        raise bad_fields({f"{place}.adjustments": "Must be an array of objects"})
    total = ZERO
    for number, adjustment in enumerate(adjustments):
        amount = _number(adjustment.get("amount"), f"{place}.adjustments.{number}.amount")
        if amount >= 0:
            raise bad_fields({f"{place}.adjustments.{number}.amount": "Must be less than 0"})
        total += amount
    return total


def _read(item: Row, quantity: int, paid: Decimal, tax: Decimal, requested: Decimal | None = None) -> Row:
    return {
        "item_type": item["item_type"],
        "item_id": item.get("item_id"),
        "quantity": quantity,
        "requested_amount": requested,
        "reason": item.get("reason") or "",
        "adjustments": item.get("adjustments") or [],
        "paid": cents(paid),
        "tax": cents(tax),
    }


def _owner(state: State, order: Row, item: Row, place: str) -> Row | None:
    """The row an amount refund is about: address or fee. Raises 422 when it is not the order's."""
    tables = {"SHIPPING": state.order_addresses, "HANDLING": state.order_addresses, "FEE": state.order_fees}
    table = tables.get(item["item_type"])
    if table is None:
        if item["item_type"] == "ORDER" and item.get("item_id") != order["id"]:
            raise bad_fields({f"{place}.item_id": "Must be the order id"})
        return None
    row = named(table, item.get("item_id"))
    if row is None or row["order_id"] != order["id"]:
        raise bad_fields({f"{place}.item_id": "The item does not belong to the order"})
    return row


def _amount_item(state: State, order: Row, item: Row, place: str) -> Row:
    amount, row = _amount(item, place), _owner(state, order, item, place)
    if row is None:
        return _read(item, 1, amount, amount if item["item_type"] == "TAX" else ZERO, amount)
    stem = "handling_cost" if item["item_type"] == "HANDLING" else "cost"
    if amount > row[f"{stem}_inc_tax"]:
        raise refused_in_data(422, f"Amount {amount} exceeds what was paid for {item['item_type']}")
    return _read(item, 1, amount, ZERO, amount)  # the note's example shows no tax share for SHIPPING


def read_items(state: State, order: Row, payload: Row) -> list[Row]:
    """Every requested item with its money. Raises 422."""
    wanted = payload.get("items")
    if wanted is None and "tax_adjustment_amount" in payload:
        amount = _number(payload["tax_adjustment_amount"], "tax_adjustment_amount")
        return [_read({"item_type": "TAX"}, 1, amount, amount, amount)]
    if not isinstance(wanted, list) or not wanted:
        raise Refused(422, "Missing Required Fields", errors={"items": "required"})
    found = []
    for number, item in enumerate(wanted):
        place, kind = f"items.{number}", item.get("item_type") if isinstance(item, dict) else None
        if kind not in LINE_TYPES + AMOUNT_TYPES:
            raise bad_fields({f"{place}.item_type": "Unknown item type"})
        if len(str(item.get("reason") or "")) > REASON_LIMIT:
            raise bad_fields({f"{place}.reason": f"Longer than {REASON_LIMIT} characters"})
        read = _line_item if kind in LINE_TYPES else _amount_item
        found.append(read(state, order, item, place))
    return found


# --- quote ----------------------------------------------------------------------------------------


def refundable(state: State, order: Row) -> Decimal:
    """What of the order's total was not refunded yet."""
    back = sum((refund["total_amount"] for refund in state.refunds.find(order_id=order["id"])), ZERO)
    return Decimal(order["total_inc_tax"]) - back


def _totals(state: State, order: Row, payload: Row) -> tuple[list[Row], Decimal, Decimal, bool]:
    items = read_items(state, order, payload)
    override = payload.get("merchant_calculated_override")
    if override:
        total, tax = (
            _number(override.get(name) if isinstance(override, dict) else None, f"merchant_calculated_override.{name}")
            for name in ("total_amount", "total_tax")
        )
        return items, total, tax, True
    total = sum((item["paid"] for item in items), ZERO)
    left = refundable(state, order)
    if total - left > CENT * len(items):
        raise refused_in_data(422, "The refund amount exceeds the refundable amount of the order")
    return items, min(total, left), sum((item["tax"] for item in items), ZERO), False


def _method(state: State, provider: str, amount: Decimal, *, offline: bool) -> Row:
    known = state.payment_methods.first(code=provider)
    name = known["name"] if known else PROVIDERS.get(provider, provider)
    return {
        "provider_id": provider,
        "provider_description": name,
        "amount": amount,
        "offline": offline,
        "offline_provider": offline,
        "offline_reason": "",
    }


def _back_to_tenders(state: State, order: Row, total: Decimal) -> list[Row]:
    """Refund to the gateways and certificates that paid, latest tender first."""
    methods: list[Row] = []
    for paid in reversed(paid_amounts(state, order["id"])):
        row, amount = paid["transaction"], min(paid["left"], total)
        if amount > 0:
            methods.append(_method(state, _provider(state, row), amount, offline=False))
            total -= amount
    return methods if total == 0 else []


def _provider(state: State, row: Row) -> str:
    if row["method"] == "gift_certificate":
        return str(state.switches["certificate_refund"])
    return SPECIAL_GATEWAYS.get(row["method"]) or str(row["gateway"])


def quote(state: State, order_id: int, payload: Row) -> Row:
    """Amounts and the alternatives to pay them back (§17.1)."""
    order = order_get(state, order_id)
    orders.ensure_open(order)
    items, total, tax, _ = _totals(state, order, payload)
    methods = [_back_to_tenders(state, order, total)] if total else []
    if order["customer_id"]:
        methods.append([_method(state, "storecredit", total, offline=False)])
    methods.append([_method(state, "custom", total, offline=True)])
    free = sum((item["paid"] for item in items if item["item_type"] == "ORDER"), ZERO)
    return {
        "order_id": order_id,
        "total_refund_amount": total,
        "total_refund_tax_amount": tax,
        "rounding": 0,
        "adjustment": sum((parse_decimal(a["amount"]) for item in items for a in item["adjustments"]), ZERO),
        "tax_inclusive": True,
        "order_level_refund_amount": free,
        "refund_methods": [alternative for alternative in methods if alternative],
    }


# --- submit ---------------------------------------------------------------------------------------


def refund_create(state: State, order_id: int, payload: Row, *, user_id: int = 0, restock: bool = False) -> Row:
    """Record a refund (201) and ask the gateways; their answer comes after `refund_delay` seconds.

    API refunds never restock; the order desk passes `restock`, which follows the store's setting (§17.1).
    """
    order = order_get(state, order_id)
    orders.ensure_open(order)
    items, total, tax, overridden = _totals(state, order, payload)
    payments = _payments(state, order, payload, total)
    refund = state.refunds.insert(
        {
            "order_id": order_id,
            "user_id": user_id,
            "created": state.now(),
            "reason": payload.get("reason") or "",
            "total_amount": total,
            "total_tax": tax,
            "uses_merchant_override_values": overridden,
            "items": items if "items" in payload else [],  # a tax adjustment is told by the totals alone
            "payments": payments,
        }
    )
    _book(state, order, items)
    state.emit("store/order/refund/created", {"type": "order", "id": order_id, "refund": {"refund_id": refund["id"]}})
    full = refundable(state, order) <= 0
    status = orders.REFUNDED if full else int(state.switches["partial_refund_status"])
    if full and restock:
        orders.order_restock(state, order)
    order_changed(state, order_id, status_id=status, payment_status="refunded" if full else "partially refunded")
    state.at(state.switches["refund_delay"], "refund", refund_id=refund["id"])
    return refund


def _payments(state: State, order: Row, payload: Row, total: Decimal) -> list[Row]:
    wanted = payload.get("payments")
    if not wanted or objects(wanted) is None:
        raise Refused(422, "Missing Required Fields", errors={"payments": "required"})
    found = []
    for number, payment in enumerate(wanted):
        if not payment.get("provider_id"):
            raise bad_fields({f"payments.{number}.provider_id": "required"})
        if payment["provider_id"] == "storecredit" and not order["customer_id"]:
            raise refused_in_data(422, "Unable to provide store credit for a guest customer.")
        found.append(
            {
                "id": state.refunds.next_id * 10 + number,
                "provider_id": payment["provider_id"],
                "amount": _amount(payment, f"payments.{number}"),
                "offline": bool(payment.get("offline", False)),
                "is_declined": False,
                "declined_message": "",
                "transaction_id": "",
            }
        )
    if sum((payment["amount"] for payment in found), ZERO) != total:
        raise refused_in_data(422, f"The payments must add up to the refund amount {total}")
    return found


def _book(state: State, order: Row, items: list[Row]) -> None:
    for item in items:
        line = state.lines.get(item["item_id"]) if item["item_type"] == "PRODUCT" else None
        if line is not None:
            refunded = line["quantity_refunded"] + item["quantity"]
            state.lines.update(line["id"], quantity_refunded=refunded, is_refunded=refunded >= line["quantity"])


def refund_finish(state: State, refund_id: int) -> None:
    """The gateways' answers: a refund transaction per payment, or `is_declined` (§17.1)."""
    refund = state.refunds.get(refund_id)
    order = state.orders.get(refund["order_id"]) if refund else None
    if refund is None or order is None:
        return
    declined = bool(state.switches["refund_declined"])
    payments = [_settle(state, order, payment, declined) for payment in refund["payments"]]
    state.refunds.update(refund_id, payments=payments)
    order_changed(state, order["id"])


def _settle(state: State, order: Row, payment: Row, declined: bool) -> Row:
    if payment["offline"]:
        return payment
    parent = next(
        (
            row
            for row in reversed(paid_amounts(state, order["id"]))
            if _provider(state, row["transaction"]) == payment["provider_id"] and row["left"] >= payment["amount"]
        ),
        None,
    )
    known = parent["transaction"] if parent else None
    method = known["method"] if known else payment["provider_id"].replace("storecredit", "store_credit")
    refuse = declined and method not in OWN_MONEY
    tender = {
        "method": method,
        "amount": payment["amount"],
        "gateway": payment["provider_id"],
        "gateway_transaction_id": "",
        "payment_method_id": known["payment_method_id"] if known else "",
        "credit_card": known["credit_card"] if known else None,
        "display_name": "",
        "test": known["test"] if known else False,
    }
    event = "void" if known and not _has_settled(state, known) else "refund"
    if known and event == "void":
        tender["amount"] = known["amount"]  # whatever part was asked for
    row = transaction_write(
        state, order, tender, event, status="error" if refuse else "ok", reference=known["id"] if known else None
    )
    if refuse:
        return {
            **payment,
            "is_declined": True,
            "declined_message": "The gateway declined the refund.",
            "transaction_id": str(row["id"]),
        }
    _own_money_back(state, order, payment, known)
    return {**payment, "transaction_id": str(row["id"])}


def _has_settled(state: State, taken: Row) -> bool:
    """Whether a gateway can give back a part of what it took; the store's own money needs no settling."""
    return taken["method"] in OWN_MONEY or state.now() >= taken["date_created"] + state.switches["settles_after"]


def _own_money_back(state: State, order: Row, payment: Row, known: Row | None) -> None:
    if payment["provider_id"] == "storecredit" and (customer := state.customers.get(order["customer_id"])) is not None:
        state.customers.update(customer["id"], store_credit=customer["store_credit"] + payment["amount"])
    if payment["provider_id"] == "giftcertificate" and known and known["gift_certificate"]:
        row = state.gift_certificates.first(code=known["gift_certificate"]["code"])
        if row is not None:
            state.gift_certificates.update(row["id"], balance=row["balance"] + payment["amount"])


def panel_refund(state: State, order_id: int, amount: Decimal, *, provider_id: str, user_id: int) -> Row:
    """The control panel's free-amount refund, recorded as type ORDER (§17.1)."""
    items: list[dict[str, Any]] = [{"item_type": "ORDER", "item_id": order_id, "amount": amount}]
    payments = [{"provider_id": provider_id, "amount": amount, "offline": provider_id == "custom"}]
    return refund_create(state, order_id, {"items": items, "payments": payments}, user_id=user_id, restock=True)
