"""Invoices: which pieces, what they come to, what they do to order, money and stock (apis/magento.md §9)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from ipaas.sandbox.magento.errors import bad, no_entity
from ipaas.sandbox.magento.sales import gateway, states, stock_moves
from ipaas.sandbox.magento.sales.cents import ZERO, Row, base, number
from ipaas.sandbox.magento.sales.comments import comment_given
from ipaas.sandbox.magento.sales.document_money import INVOICED, SIDES, Money, invoice_money
from ipaas.sandbox.magento.sales.gift_card_accounts import cards_for_sold
from ipaas.sandbox.magento.sales.numbering import next_number
from ipaas.sandbox.magento.sales.order_lookup import changed, counted, items_of, order_of, refused, settled
from ipaas.sandbox.magento.state import State

OPEN, PAID = 1, 2
ORDER_COUNTERS = {
    "subtotal": "subtotal_invoiced",
    "tax_amount": "tax_invoiced",
    "shipping_amount": "shipping_invoiced",
    "discount_amount": "discount_invoiced",
    "discount_tax_compensation_amount": "discount_tax_compensation_invoiced",
    "grand_total": "total_invoiced",
    **{name: f"{tender}_invoiced" for name, tender in states.BESIDE.items()},
}
CURRENCIES = (
    *("base_currency_code", "global_currency_code", "order_currency_code", "store_currency_code"),
    *("base_to_global_rate", "base_to_order_rate", "store_to_base_rate", "store_to_order_rate"),
)


def invoice(
    state: State,
    order_id: int,
    wanted: Sequence[Row] = (),
    *,
    captures: bool = False,
    notifies: bool = False,
    comment: Row | None = None,
    is_open: bool = False,
) -> Row:
    """Invoice the wanted `{order_item_id, qty}`, or without any all that is left; answers the invoice.

    `captures` has an online method take the money. Without it the order counts the money as paid and no transaction
    exists (§9). `is_open` leaves the invoice open and the order unpaid, as gateways do that answer later. Raises
    `Refused` with the shop's own texts.
    """
    order, items = order_of(state, order_id), items_of(state, order_id)
    pieces = _pieces(order, items, wanted)
    money = invoice_money(order, items, pieces, forgets_weee=state.switches["invoice_forgets_weee"])
    row = _insert(state, order, money, pieces, OPEN if is_open else PAID)
    comment_given(state, "invoice", row["entity_id"], comment, notifies)
    if captures:
        captured(state, row["entity_id"])
    _count(state, order, items, money)
    _release_virtual(state, order, items, pieces)
    cards_for_sold(state, items, pieces)
    if not is_open:
        _paid(state, order_id, row)
    settled(state, order_id, in_process=True, keeps_custom_status=False)
    if notifies:
        mail(state, "invoice", order, row)
    return state.invoices.get(row["entity_id"]) or row


def invoice_of(state: State, invoice_id: int) -> Row:
    """The invoice. Raises `Refused` 404."""
    row = state.invoices.get(invoice_id)
    if row is None:
        raise no_entity()
    return row


def mail(state: State, kind: str, order: Row, document: Row) -> None:
    """Tell the shopper of a document, and note that it was done."""
    state.mails.insert({"kind": kind, "order_id": order["entity_id"], "number": document["increment_id"]})
    table = {"invoice": state.invoices, "shipment": state.shipments, "creditmemo": state.creditmemos}[kind]
    state.update(table, document["entity_id"], email_sent=1)


# --- pieces ---------------------------------------------------------------------------------------


def _pieces(order: Row, items: Sequence[Row], wanted: Sequence[Row]) -> dict[int, Decimal]:
    """Pieces by order item. Raises `Refused`."""
    by_id = {item["item_id"]: item for item in items}
    asked = {int(row["order_item_id"]): Decimal(row["qty"]) for row in wanted}
    lines = _objections(order, items, asked)
    known = {number_: qty for number_, qty in asked.items() if number_ in by_id}
    pieces = known or {item["item_id"]: states.qty_to_invoice(item) for item in items}
    pieces = {number_: qty for number_, qty in pieces.items() if qty > ZERO}
    if not lines and not pieces:
        lines = ["The invoice can't be created without products. Add products and try again."]
    refused("Invoice", lines)
    return with_dummies(items, pieces)


def _objections(order: Row, items: Sequence[Row], asked: Mapping[int, Decimal]) -> list[str]:
    lines: list[str] = []
    if order["state"] in {states.PAYMENT_REVIEW, states.HOLDED, states.CANCELED, states.COMPLETE, states.CLOSED}:
        lines.append(f"An invoice cannot be created when an order has a status of {order['status']}")
    elif not states.can_invoice(order, items):
        lines.append("The order does not allow an invoice to be created.")
    by_id = {item["item_id"]: item for item in items}
    for number_, qty in asked.items():
        item = by_id.get(number_)
        if item is None:
            lines.append("The invoice contains one or more items that are not part of the original order.")
        elif not states.is_money_dummy(item) and qty > states.qty_to_invoice(item):
            lines.append(
                "The quantity to invoice must not be greater than the uninvoiced quantity"
                f' for product SKU "{item["sku"]}".'
            )
    return lines


def with_dummies(items: Sequence[Row], pieces: Mapping[int, Decimal]) -> dict[int, Decimal]:
    """Pieces with the rows that go along: children in their parent's proportion, a bundle of parts as a whole (M03)."""
    by_id = {item["item_id"]: item for item in items}
    found = {number_: qty for number_, qty in pieces.items() if not states.is_money_dummy(by_id[number_])}
    for item in items:
        parent = item.get("parent_item_id")
        if parent in found and states.is_money_dummy(item):
            share = number(item, "qty_ordered") / number(by_id[parent], "qty_ordered")
            found[item["item_id"]] = found[parent] * share
        elif item["item_id"] in found and parent and states.is_money_dummy(by_id[parent]):
            found[parent] = number(by_id[parent], "qty_ordered")
    return found


# --- what it does ---------------------------------------------------------------------------------


def _insert(state: State, order: Row, money: Money, pieces: Mapping[int, Decimal], state_code: int) -> Row:
    parents = {row["item_id"] for row in items_of(state, order["entity_id"]) if not row.get("parent_item_id")}
    row = state.insert(
        state.invoices,
        {
            **{name: order.get(name) for name in CURRENCIES},
            **money.columns,
            "order_id": order["entity_id"],
            "store_id": order["store_id"],
            "increment_id": next_number(state, "invoice", order["store_id"]),
            "billing_address_id": order.get("billing_address_id"),
            "shipping_address_id": order.get("shipping_address_id"),
            "discount_description": order.get("discount_description"),
            "state": state_code,
            "total_qty": sum((qty for number_, qty in pieces.items() if number_ in parents), ZERO),
        },
    )
    for line in money.rows:
        state.insert(state.invoice_items, {**line, "parent_id": row["entity_id"]})
    return row


def _count(state: State, order: Row, items: Sequence[Row], money: Money) -> None:
    """Counters of the order and its items; a bundle of parts is never counted above what was ordered."""
    by_id = {item["item_id"]: item for item in items}
    for line in money.rows:
        item = by_id[line["order_item_id"]]
        room = number(item, "qty_ordered") - number(item, "qty_invoiced")
        more = {side(counter): number(line, side(name)) for side in SIDES for name, counter in INVOICED.items()}
        counted(state, item, qty_invoiced=min(line["qty"], room), **more)
    changed(
        state,
        order["entity_id"],
        {
            side(counter): number(order, side(counter)) + number(money.columns, side(name))
            for side in SIDES
            for name, counter in ORDER_COUNTERS.items()
        },
    )


def _paid(state: State, order_id: int, row: Row) -> None:
    """Count an invoice's money as paid."""
    order, payment = order_of(state, order_id), gateway.payment_of(state, order_id)
    changes: Row = {}
    for side in SIDES:
        paid = number(order, side("total_paid")) + row[side("grand_total")]
        changes |= {side("total_paid"): paid, side("total_due"): number(order, side("grand_total")) - paid}
    changed(state, order_id, changes)
    amounts = {
        side(name): number(payment, side(name)) + number(row, side(column))
        for side in SIDES
        for name, column in (("amount_paid", "grand_total"), ("shipping_captured", "shipping_amount"))
    }
    state.update(state.payments, payment["entity_id"], amounts)


def _release_virtual(state: State, order: Row, items: Sequence[Row], pieces: Mapping[int, Decimal]) -> None:
    """Virtual pieces leave stock when they are invoiced (§15.1)."""
    for item in items:
        if not item.get("is_virtual") or item["item_id"] not in pieces or item["product_type"] in states.COMPOSITES:
            continue
        qty = pieces[item["item_id"]]
        place = stock_moves.having_source(state, order["store_id"], [(item["sku"], qty)])
        stock_moves.left(state, order, item["sku"], place, qty, "invoice_created")


# --- the gateway ----------------------------------------------------------------------------------


def captured(state: State, invoice_id: int) -> None:
    """Have the gateway of an online method take an invoice's money; an offline method has none."""
    row = invoice_of(state, invoice_id)
    payment = gateway.payment_of(state, row["order_id"])
    if not gateway.is_online(payment):
        return
    if state.switches["capture_refused"]:
        raise bad("The payment could not be captured: the authorization has expired.")
    before = gateway.open_authorization(state, row["order_id"])
    taken = gateway.transaction(
        state,
        row["order_id"],
        "capture",
        row["base_grand_total"],
        is_closed=False,
        parent=before["txn_id"] if before else "",
    )
    state.update(state.invoices, invoice_id, transaction_id=taken["txn_id"])
    online = number(payment, "base_amount_paid_online") + row["base_grand_total"]
    state.update(state.payments, payment["entity_id"], base_amount_paid_online=online)


def capture(state: State, invoice_id: int) -> None:
    """Capture an open invoice. Raises `Refused` for any other."""
    row = invoice_of(state, invoice_id)
    if row["state"] != OPEN:
        raise bad("The invoice can't be captured.")
    captured(state, invoice_id)
    state.update(state.invoices, invoice_id, state=PAID)
    _paid(state, row["order_id"], row)
    settled(state, row["order_id"], in_process=True)


def void(state: State, invoice_id: int) -> None:
    """Void the authorisation behind an invoice. Raises `Refused` where there is none."""
    row = invoice_of(state, invoice_id)
    before = gateway.open_authorization(state, row["order_id"])
    if before is None:
        raise bad("The invoice can't be voided.")
    void_authorization(state, row["order_id"], before)
    state.update(state.invoices, invoice_id, can_void_flag=0)


def void_authorization(state: State, order_id: int, before: Row) -> None:
    """Let go of what was authorised and not captured."""
    amount = number(gateway.payment_of(state, order_id), base("amount_authorized"))
    gateway.transaction(state, order_id, "void", amount, is_closed=True, parent=before["txn_id"])
    gateway.closed(state, before)
