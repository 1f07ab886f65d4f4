"""Credit memos: which pieces, what they come to, what goes back to money and stock (apis/magento.md §11)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from ipaas.sandbox.magento.errors import bad, no_entity
from ipaas.sandbox.magento.sales import gateway, states
from ipaas.sandbox.magento.sales.cents import ZERO, Row, number
from ipaas.sandbox.magento.sales.comments import comment_given
from ipaas.sandbox.magento.sales.document_money import (
    REFUNDED,
    SIDES,
    Money,
    memo_money,
    shipping_left,
)
from ipaas.sandbox.magento.sales.documents_raw import saved_raw
from ipaas.sandbox.magento.sales.invoicing import CURRENCIES, invoice_of, mail, with_dummies
from ipaas.sandbox.magento.sales.numbering import next_number
from ipaas.sandbox.magento.sales.order_lookup import changed, counted, items_of, order_of, refused, with_state
from ipaas.sandbox.magento.sales.returned_pieces import return_pieces
from ipaas.sandbox.magento.settings import setting
from ipaas.sandbox.magento.state import State

REFUNDED_STATE = 2
LEAST = Decimal("0.0001")
FOREIGN_RETURN = "The return to stock argument contains product item that is not part of the original order."
ORDER_COUNTERS = {
    "subtotal": "subtotal_refunded",
    "tax_amount": "tax_refunded",
    "shipping_amount": "shipping_refunded",
    "shipping_tax_amount": "shipping_tax_refunded",
    "discount_amount": "discount_refunded",
    "discount_tax_compensation_amount": "discount_tax_compensation_refunded",
    "adjustment_positive": "adjustment_positive",
    "adjustment_negative": "adjustment_negative",
    "grand_total": "total_refunded",
    **{name: f"{tender}_refunded" for name, tender in states.BESIDE.items()},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What a memo is asked for. `shipping` None: all that is left; money is in base currency."""

    items: Sequence[Row] = ()  # {order_item_id, qty}; none: everything still refundable
    shipping: Decimal | None = None
    positive: Decimal = ZERO
    negative: Decimal = ZERO
    returns: frozenset[int] = frozenset()  # order items whose pieces go back to stock
    comment: Row | None = None
    notifies: bool = False


def refund(state: State, order_id: int, wish: Wish, *, invoice_id: int | None = None, is_online: bool = False) -> Row:
    """Make a credit memo and answer it; `is_online` gives the money back by the gateway of the invoice's capture.

    Raises `Refused` with the shop's own texts.
    """
    order, items = order_of(state, order_id), items_of(state, order_id)
    pieces = _pieces(state, order, items, wish, invoice_id)
    shipping = shipping_left(order) if wish.shipping is None else wish.shipping
    money = memo_money(order, items, pieces, shipping=shipping, positive=wish.positive, negative=wish.negative)
    _check_money(order, items, pieces, money, wish, shipping)
    row = _insert(state, order, money, invoice_id)
    if is_online and invoice_id is not None:
        _give_back(state, invoice_id, row)
    comment_given(state, "creditmemo", row["entity_id"], wish.comment, wish.notifies)
    return_pieces(state, order, items, pieces, _returned(state, order, items, wish))
    _count(state, order, items, money, is_online=is_online)
    _count_invoice(state, invoice_id, row)
    _closed_if_done(state, order_id)
    if wish.notifies:
        mail(state, "creditmemo", order, row)
    return state.creditmemos.get(row["entity_id"]) or row


def refund_as_sent(state: State, given: Row) -> Row:
    """A memo with the amounts that are sent; they are counted on the order as they are (§11.1). Raises `Refused`."""
    order, items = order_of(state, int(given["order_id"])), items_of(state, int(given["order_id"]))
    if not states.can_creditmemo(order, items):
        raise bad("The order does not allow a creditmemo to be created.")
    if number(given, "base_grand_total") - states.refundable(order) > LEAST:
        raise bad(f"The most money available to refund is {states.refundable(order):.2f}.")
    row = saved_raw(state, "creditmemo", given | {"state": REFUNDED_STATE})
    names = {side(name) for side in SIDES for name in ORDER_COUNTERS}
    rows = [line for line in given.get("items") or () if line.get("order_item_id") in {i["item_id"] for i in items}]
    _count(state, order, items, Money({name: number(given, name) for name in names}, rows), is_online=False)
    _closed_if_done(state, order["entity_id"])
    return row


def creditmemo_of(state: State, memo_id: int) -> Row:
    """The credit memo. Raises `Refused` 404."""
    row = state.creditmemos.get(memo_id)
    if row is None:
        raise no_entity()
    return row


# --- which pieces ---------------------------------------------------------------------------------


def _pieces(state: State, order: Row, items: Sequence[Row], wish: Wish, invoice_id: int | None) -> dict[int, Decimal]:
    """Pieces by order item, rows of zero included. Raises `Refused`."""
    room = _room(state, items, invoice_id)
    asked = {int(row["order_item_id"]): Decimal(row["qty"]) for row in wish.items}
    lines = _objections(order, items, asked, room)
    if asked and not any(asked.values()) and any(item["product_type"] == "bundle" for item in items):
        if state.switches["zero_qty_bundle"] == "refused":
            lines.append("You can't create a creditmemo without products.")
        if state.switches["zero_qty_bundle"] == "everything":
            asked = {}
    refused("Creditmemo", lines)
    pieces = asked or room
    everything = {item["item_id"]: ZERO for item in items}
    return everything | with_dummies(items, {item_id: qty for item_id, qty in pieces.items() if qty > ZERO})


def _room(state: State, items: Sequence[Row], invoice_id: int | None) -> dict[int, Decimal]:
    """What can be refunded of each row; of an invoice no more than it holds."""
    room = {item["item_id"]: states.qty_to_refund(item) for item in items if not states.is_money_dummy(item)}
    if invoice_id is None:
        return room
    held = {row["order_item_id"]: number(row, "qty") for row in state.invoice_items.find(parent_id=invoice_id)}
    for memo in state.creditmemos.find(invoice_id=invoice_id):
        for row in state.creditmemo_items.find(parent_id=memo["entity_id"]):
            held[row["order_item_id"]] = held.get(row["order_item_id"], ZERO) - number(row, "qty")
    return {item_id: min(qty, held.get(item_id, ZERO)) for item_id, qty in room.items()}


def _objections(
    order: Row, items: Sequence[Row], asked: Mapping[int, Decimal], room: Mapping[int, Decimal]
) -> list[str]:
    if order["state"] in {states.HOLDED, states.PAYMENT_REVIEW, states.CANCELED, states.CLOSED}:
        return [f"A creditmemo can not be created when an order has a status of {order['status']}"]
    if not states.can_creditmemo(order, items):
        return ["The order does not allow a creditmemo to be created."]
    by_id = {item["item_id"]: item for item in items}
    lines: list[str] = []
    for item_id, qty in asked.items():
        item = by_id.get(item_id)
        if item is None:
            lines.append("The creditmemo contains product item that is not part of the original order.")
        elif states.is_money_dummy(item):
            lines.append("The creditmemo contains incorrect product items.")
        elif qty != int(qty) and not item.get("is_qty_decimal"):
            lines.append(f'We found an invalid quantity to refund item "{item["name"]}".')
        elif qty > room[item_id]:
            lines.append(
                "The quantity to creditmemo must not be greater than the unrefunded quantity"
                f' for product SKU "{item["sku"]}".'
            )
    return lines


def _returned(state: State, order: Row, items: Sequence[Row], wish: Wish) -> frozenset[int]:
    """Order items whose pieces go back to stock: those that are named, or by the shop's setting all (§11.1)."""
    known = {item["item_id"] for item in items}
    if not wish.returns <= known:
        raise bad(f"Creditmemo Document Validation Error(s):\n{FOREIGN_RETURN}")
    if setting(state, "cataloginventory/item_options/auto_return", order["store_id"]):
        return frozenset(known)
    return wish.returns


# --- money ----------------------------------------------------------------------------------------


def _check_money(
    order: Row, items: Sequence[Row], pieces: Mapping[int, Decimal], money: Money, wish: Wish, shipping: Decimal
) -> None:
    by_id = {item["item_id"]: item for item in items}
    for item_id in wish.returns & by_id.keys():
        if not pieces.get(item_id):
            raise bad(
                "Creditmemo Document Validation Error(s):\n"
                f'The "{by_id[item_id]["sku"]}" product is not part of the current creditmemo.'
            )
    if shipping > shipping_left(order):
        raise bad(f"Maximum shipping amount allowed to refund is: {shipping_left(order):.2f}")
    total = money.columns["base_grand_total"]
    beside = sum((money.columns[f"base_{name}"] for name in states.BESIDE), ZERO)
    if total < ZERO or (not total and not beside and order["base_grand_total"]):
        raise bad("Creditmemo Document Validation Error(s):\nThe credit memo's total must be positive.")
    left = number(order, "base_total_paid") - number(order, "base_total_refunded")
    if total - left > LEAST:
        raise bad(f"The most money available to refund is {left:.2f}.")


def _give_back(state: State, invoice_id: int, memo: Row) -> None:
    """Refund by the gateway. Raises `Refused` where the invoice knows of no capture."""
    invoice = invoice_of(state, invoice_id)
    taken = invoice.get("transaction_id")
    if not taken:
        raise bad("We can't create creditmemo for the invoice.")
    if state.switches["refund_refused"]:
        raise bad("The refund was refused: the payment is not settled yet.")
    back = gateway.transaction(
        state, memo["order_id"], "refund", memo["base_grand_total"], is_closed=True, parent=taken
    )
    state.update(state.creditmemos, memo["entity_id"], transaction_id=back["txn_id"])


# --- what it does ---------------------------------------------------------------------------------


def _insert(state: State, order: Row, money: Money, invoice_id: int | None) -> Row:
    row = state.insert(
        state.creditmemos,
        {
            **{name: order.get(name) for name in CURRENCIES},
            **money.columns,
            "order_id": order["entity_id"],
            "invoice_id": invoice_id,
            "store_id": order["store_id"],
            "increment_id": next_number(state, "creditmemo", order["store_id"]),
            "billing_address_id": order.get("billing_address_id"),
            "shipping_address_id": order.get("shipping_address_id"),
            "discount_description": order.get("discount_description"),
            "state": REFUNDED_STATE,
        },
    )
    for line in money.rows:
        state.insert(state.creditmemo_items, {**line, "parent_id": row["entity_id"]})
    return row


def _count(state: State, order: Row, items: Sequence[Row], money: Money, *, is_online: bool) -> None:
    by_id = {item["item_id"]: item for item in items}
    for line in money.rows:
        item = by_id[line["order_item_id"]]
        if not line.get("qty") or (item.get("parent_item_id") and states.is_money_dummy(item)):
            continue  # children are counted on their parent (§8.3)
        room = number(item, "qty_invoiced") - number(item, "qty_refunded")
        more = {side(counter): number(line, side(name)) for side in SIDES for name, counter in REFUNDED.items()}
        counted(state, item, qty_refunded=min(line["qty"], room), **more)
    changes = {
        side(counter): number(order, side(counter)) + number(money.columns, side(name))
        for side in SIDES
        for name, counter in ORDER_COUNTERS.items()
    }
    way = "total_online_refunded" if is_online else "total_offline_refunded"
    for side in SIDES:
        changes[side(way)] = number(order, side(way)) + money.columns[side("grand_total")]
    changed(state, order["entity_id"], changes)
    _count_payment(state, order["entity_id"], money)


def _closed_if_done(state: State, order_id: int) -> None:
    order = order_of(state, order_id)
    with_state(state, order, states.state_after_refund(order, items_of(state, order_id)))


def _count_payment(state: State, order_id: int, money: Money) -> None:
    payment = gateway.payment_of(state, order_id)
    amounts = {
        side(name): number(payment, side(name)) + money.columns[side(column)]
        for side in SIDES
        for name, column in (("amount_refunded", "grand_total"), ("shipping_refunded", "shipping_amount"))
    }
    state.update(state.payments, payment["entity_id"], amounts)


def _count_invoice(state: State, invoice_id: int | None, memo: Row) -> None:
    if invoice_id is None:
        return
    invoice = invoice_of(state, invoice_id)
    back = number(invoice, "base_total_refunded") + memo["base_grand_total"]
    state.update(state.invoices, invoice_id, is_used_for_refund=1, base_total_refunded=back)
