"""What store staff do in Heartland's own screens (§18): used by the desk pages and by the control calls."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from ipaas.sandbox.core.tables import Row
from ipaas.sandbox.heartland import (
    counts,
    gift_cards,
    invoices,
    order_model,
    orders,
    payments,
    tickets,
    transaction_model,
)
from ipaas.sandbox.heartland.adjustments import check_qty
from ipaas.sandbox.heartland.errors import not_found
from ipaas.sandbox.heartland.items import find_item
from ipaas.sandbox.heartland.replies import render
from ipaas.sandbox.heartland.service import Heartland
from ipaas.sandbox.heartland.stock import move, stock_at
from ipaas.sandbox.heartland.totals import cents


def order_by(service: Heartland, key: Any) -> Row:
    """An order by id or order number."""
    row = service.table("orders").first(public_id=str(key))
    if row is None and str(key).isdecimal():
        row = service.table("orders").get(int(key))
    if row is None:
        raise not_found("Order")
    return row


def place_by(service: Heartland, key: Any) -> int:
    """A location id by id, number or name."""
    for row in service.table("locations").all():
        if str(key) in (str(row["id"]), row["public_id"], row["name"]):
            return int(row["id"])
    raise not_found("Location")


def item_by(service: Heartland, wish: Mapping[str, Any]) -> Row:
    """An item by `item_id`, `sku` or any lookup code."""
    key = wish.get("item_id") or wish.get("sku") or wish.get("item_lookup") or ""
    row = service.table("items").get(int(key)) if wish.get("item_id") else find_item(service, str(key))
    if row is None:
        raise not_found("Item")
    return row


def station_at(service: Heartland, location_id: int) -> int | None:
    """Any active station of a location."""
    found = (one["id"] for one in service.table("stations").find(location_id=location_id) if one["active"])
    return next(found, None)


def reason(service: Heartland, kind: str, name: str) -> int:
    """A reason code by name, else the family's first."""
    rows = service.table("reasons").find(kind=kind)
    return int(next((row["id"] for row in rows if row["name"] == name), rows[0]["id"]))


# --- orders ---------------------------------------------------------------------------------------


def distribute(service: Heartland, order: Row, places: Mapping[int, int | None]) -> Row:
    """Give lines a ship-from location (None takes it away)."""
    for line_id, place in places.items():
        line = service.table("order_lines").get(line_id)
        if line is None or line["order_id"] != order["id"]:
            raise not_found("Line")
        if line["ship_from_location_id"] != place:
            orders.edit_line(service, order, line, {"ship_from_location_id": place})
    return order_model.touch(service, order["id"])


def invoice(
    service: Heartland,
    order: Row,
    *,
    place: int | None = None,
    lines: Sequence[Mapping[str, Any]] | None = None,
    custom: Mapping[str, Any] | None = None,
) -> list[Row]:
    """Invoice what is open at one location, or at every location in turn; answers the completed invoices.

    `lines` (`sku`/`item_id`, `qty`) invoices only that much.
    """
    waiting = [one for one in order_model.lines_of(service, order["id"]) if one["qty_open"]]
    found = {one["ship_from_location_id"] for one in waiting} - {None}
    places = [place] if place is not None else sorted(found)
    if not places:
        raise service.refuse(lines="nothing is distributed")
    return [_invoice_at(service, order, one, lines, custom or {}) for one in places]


def _invoice_at(
    service: Heartland, order: Row, place: int, lines: Sequence[Mapping[str, Any]] | None, custom: Mapping[str, Any]
) -> Row:
    station = station_at(service, place) or order["station_id"]
    head = {"order_id": order["id"], "customer_id": order["customer_id"], "source_location_id": place}
    row = invoices.create_invoice(service, {**head, "station_id": station, "custom": dict(custom)})
    if lines is None:
        lines = [{"item_id": one["item_id"], "qty": one["qty_open"]} for one in invoices.open_at(service, row)]
    for line in lines:
        if line["qty"]:
            found = item_by(service, line)
            invoices.add_invoice_line(service, row, {"item_id": found["id"], "qty": line["qty"]})
    return invoices.complete(service, service.one("transactions", row["id"]))


def refund_payment(service: Heartland, order: Row, payment: Row) -> Row:
    """The *Refund* button: the same payment with the opposite amount."""
    names = ("type", "payment_type_id", "description", "number", "deposit", "custom")
    body = {name: payment.get(name) for name in names} | {"amount": -payment["amount"]}
    row = payments.read_payment(service, body, order["source_location_id"], on_order=True)
    return payments.add_payment(service, order["id"], row)


def close_line(service: Heartland, order: Row, line: Row) -> Row:
    """Close what is open of a line: the promise is released; the order closes with its last open piece."""
    if order["status"] != "open":
        raise service.refuse(status=f"the order is {order['status']}")
    order_model.commit(service, line, line["ship_from_location_id"], -1)
    kept = order_model.priced({**line, "qty": line["qty_invoiced"], "qty_open": 0})
    service.table("order_lines").update(line["id"], kept, updated_at=service.stamp())
    order = order_model.recalculate(service, order["id"], lines_changed=True)
    if all(not one["qty_open"] for one in order_model.lines_of(service, order["id"])):
        order = service.table("orders").update(order["id"], status="closed", updated_at=service.stamp())
    return order_model.touch(service, order["id"])


# --- till -----------------------------------------------------------------------------------------


def pos_sale(service: Heartland, wish: Mapping[str, Any]) -> Row:
    """Sell at a till: `location`, `lines` (`sku`, `qty`, `price`), `customer_id`, `tax`; paid in full.

    `gift_cards` (`number`, `value`) are sold too; `gift_card` is a number that pays first, as far as it goes.
    """
    place = place_by(service, wish.get("location") or wish.get("location_id"))
    body: dict[str, Any] = {"type": "Ticket", "source_location_id": place, "station_id": station_at(service, place)}
    body |= {"customer_id": wish.get("customer_id"), "sales_rep": wish.get("sales_rep") or "Kim"}
    ticket = tickets.create_ticket(service, body)
    for line in wish.get("lines") or []:
        _sell(service, ticket, line, +1)
    for card in wish.get("gift_cards") or []:
        line = {"type": "GiftCardLine", "number": card["number"], "value": Decimal(str(card["value"]))}
        tickets.add_line(service, ticket, line)
    return _settle(service, ticket, wish)


def pos_return(service: Heartland, wish: Mapping[str, Any]) -> Row:
    """Take goods back: `parent_transaction_id` (ticket or invoice) or a blind return at `location`.

    `lines` (`sku`, `qty` > 0); prices come from the parent, `shipping` is what of the delivery goes back. Lines of
    `taken` leave the shop instead, as in an exchange: their prices are today's, and their tax is part of `tax`.
    `affect_inventory: false` gives only money back; `gift_card` is the number of a new card that takes it, and
    `tenders` (`payment_type_id`, `amount` < 0) are what it goes back by.
    """
    parent_id = wish.get("parent_transaction_id")
    parent = service.one("transactions", int(parent_id), "Transaction") if parent_id else None
    at = wish.get("location") or wish.get("location_id")
    place = place_by(service, at) if at else parent["source_location_id"] if parent else place_by(service, at)
    body: dict[str, Any] = {"type": "Return", "source_location_id": place, "station_id": station_at(service, place)}
    body |= {"parent_transaction_id": parent["id"] if parent else None, "sales_rep": wish.get("sales_rep") or "Kim"}
    body |= {"customer_id": parent["customer_id"] if parent else wish.get("customer_id")}
    body["affect_inventory"] = wish.get("affect_inventory", True)
    ticket = tickets.create_ticket(service, body)
    for line in wish.get("lines") or []:
        _sell(service, ticket, line, -1)
    for line in wish.get("taken") or []:
        _sell(service, ticket, line, +1)
    if wish.get("shipping"):
        value = -Decimal(str(wish["shipping"]))
        tickets.add_line(service, ticket, {"type": "ShippingLine", "description": "Delivery", "value": value})
    return _settle(service, ticket, {"tax": _tax_back(service, parent, ticket), **wish})


def void_return(service: Heartland, ticket: Row) -> Row:
    """Take a completed return back: its goods leave the shelf again, its money counts no more."""
    if ticket["type"] != "Return" or ticket["status"] != "complete":
        raise service.refuse(status="only a completed return is voided so")
    for line in transaction_model.lines_of(service, ticket["id"]):
        if line["type"] == "ItemLine" and ticket.get("affect_inventory") is not False:
            item, at = service.one("items", line["item_id"]), ticket["source_location_id"]
            move(service, item, at, on_hand=line["qty"], kind="Return", source=("Return", ticket["id"]))
    table = service.table("transactions")
    return table.update(ticket["id"], status="void", voided=True, updated_at=service.stamp())


def _sell(service: Heartland, ticket: Row, line: Mapping[str, Any], sign: int) -> None:
    item = item_by(service, line)
    body: dict[str, Any] = {"type": "ItemLine", "item_id": item["id"], "qty": sign * (line.get("qty") or 1)}
    if line.get("price") is not None:
        body["adjusted_unit_price"] = line["price"]
    elif ticket.get("parent_transaction_id"):
        sold = transaction_model.lines_of(service, ticket["parent_transaction_id"])
        same = next((one for one in sold if one.get("item_id") == item["id"]), None)
        names = ("original_unit_price", "adjusted_unit_price")
        body |= {name: same[name] for name in names if same[name] is not None} if same else {}
    tickets.add_line(service, ticket, body)


def _tax_back(service: Heartland, parent: Row | None, ticket: Row) -> Decimal:
    """The parent's tax on the returned goods, by value."""
    if parent is None or not parent.get("subtotal"):
        return Decimal(0)
    value = sum((line["value"] for line in transaction_model.lines_of(service, ticket["id"])), Decimal(0))
    return cents(cents(parent["total_tax"]) * value / parent["subtotal"])


def _settle(service: Heartland, ticket: Row, wish: Mapping[str, Any]) -> Row:
    """Add the tax, pay the balance, complete."""
    if wish.get("tax"):
        tickets.add_line(service, ticket, {"type": "TaxLine", "description": "Sales Tax", "value": wish["tax"]})
    ticket = transaction_model.recalculate(service, ticket["id"])
    card = service.table("gift_cards").first(number=gift_cards.spelled(wish.get("gift_card")))
    if card is not None and (amount := min(card["balance"], ticket["balance"])):
        pay = {"type": "GiftCardPayment", "number": card["number"], "amount": amount}
        row = payments.read_payment(service, pay, ticket["source_location_id"], on_order=False)
        tickets.add_payment(service, ticket, row)
        ticket = transaction_model.recalculate(service, ticket["id"])
    if wish.get("gift_card") and card is None and ticket["balance"] < 0:
        new = {"type": "GiftCardLine", "description": "Gift card", "number": wish["gift_card"]}
        tickets.add_line(service, ticket, {**new, "value": -ticket["balance"]})
        ticket = transaction_model.recalculate(service, ticket["id"])
    for tender in wish.get("tenders") or []:
        body = {"type": "CustomPayment", **tender}
        row = payments.read_payment(service, body, ticket["source_location_id"], on_order=False)
        tickets.add_payment(service, ticket, row)
    ticket = transaction_model.recalculate(service, ticket["id"])
    if ticket["balance"]:
        kind = service.table("payment_types").first(name=wish.get("payment_type") or "Cash")
        pay = {"type": "CustomPayment", "payment_type_id": kind["id"] if kind else None, "amount": ticket["balance"]}
        row = payments.read_payment(service, pay, ticket["source_location_id"], on_order=False)
        tickets.add_payment(service, ticket, row)
    return tickets.complete(service, ticket)


# --- stock and cards ------------------------------------------------------------------------------


def adjust(service: Heartland, wish: Mapping[str, Any]) -> Row:
    """`location`, `sku`, and `qty` (signed) or `set_to`; `reason` by name. Answers the stock row."""
    place, item = place_by(service, wish.get("location") or wish.get("location_id")), item_by(service, wish)
    qty = wish.get("qty")
    if wish.get("set_to") is not None:
        qty = wish["set_to"] - stock_at(service, item["id"], place)["on_hand"]
    if qty != 0:
        problems = service.problems()
        check_qty(item, qty, problems)
        problems.check()
        reason_id = reason(service, "inventory_adjustment_reasons", wish.get("reason") or "Count")
        head = {"status": "complete", "location_id": place, "adjustment_reason_id": reason_id, "note": wish.get("note")}
        now = service.stamp()
        made = service.table("adjustment_sets").insert({**head, "created_at": now, "updated_at": now})
        line = {"adjustment_set_id": made["id"], "item_id": item["id"], "qty": qty, "unit_cost": item["cost"]}
        service.table("adjustment_lines").insert({**line, "created_at": now})
        move(service, item, place, on_hand=qty or 0, kind="Adjustment", source=("AdjustmentSet", made["id"]))
    return stock_at(service, item["id"], place)


def location(service: Heartland, wish: Mapping[str, Any]) -> Row:
    """Open, close, rename or hide a location, as its back office can. Answers the row."""
    table, now = service.table("locations"), service.stamp()
    changes = {name: wish[name] for name in ("name", "active", "gone") if name in wish}
    if at := wish.get("location"):
        return table.update(place_by(service, at), {**changes, "updated_at": now})
    like = next(iter(table.all()))
    fresh = {"public_id": str(wish["number"]), "name": str(wish.get("name") or wish["number"]), "added": True}
    row = table.insert({**without(like, "id"), **fresh, **changes, "created_at": now, "updated_at": now})
    station = {"uuid": service.uuid("station", row["id"]), "name": "Register 1", "location_id": row["id"]}
    service.table("stations").insert({**station, "active": True})
    return row


def without(row: Row, name: str) -> Row:
    return {key: value for key, value in row.items() if key != name}


def issue_gift_card(service: Heartland, wish: Mapping[str, Any]) -> Row:
    """`number`, `balance`."""
    reason_id = reason(service, "gift_card_adjustment_reasons", wish.get("reason") or "Import")
    row = gift_cards.issue(service, wish.get("number"), wish.get("balance"), reason_id)
    return render(service, gift_cards.GIFT_CARDS, row)


def count(service: Heartland, wish: Mapping[str, Any]) -> Row:
    """A whole physical count in one call: `location`, `lines` (`sku`, `qty`); posts after `count_lag_seconds`."""
    place, now = place_by(service, wish.get("location") or wish.get("location_id")), service.stamp()
    reason_id = reason(service, "inventory_adjustment_reasons", "Count")
    head = {"location_id": place, "adjustment_reason_id": reason_id, "description": wish.get("description") or "Count"}
    stamps = {"created_at": now, "updated_at": now}
    row = service.table("counts").insert({**head, "scope": "full", "status": "counting", **stamps})
    batch = service.table("count_batches").insert({"count_id": row["id"], "description": "Batch", **stamps})
    for line in wish.get("lines") or []:
        counts.add_line(service, row, batch, {"item_id": item_by(service, line)["id"], "qty": line.get("qty")})
    return counts.accept(service, row)


def merge_customers(service: Heartland, *, gone_id: int, kept_id: int) -> Row:
    """Put a customer into another one: the former is deleted, its orders are the other one's. Answers who stays."""
    kept, gone = (service.one("customers", one, "Customer") for one in (kept_id, gone_id))
    service.table("customers").update(gone["id"], active=False, deleted_at=service.stamp(), updated_at=service.stamp())
    for order in service.table("orders").find(customer_id=gone["id"]):
        service.table("orders").update(order["id"], customer_id=kept["id"])
    return kept
