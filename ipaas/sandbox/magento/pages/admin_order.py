"""Admin → Sales → Orders → View: what an order is, and what staff may do with it (apis/magento.md §8–§12)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from markupsafe import Markup

from ipaas.sandbox.core import pages
from ipaas.sandbox.core.web import Reply, Request, Router
from ipaas.sandbox.magento.errors import Refused
from ipaas.sandbox.magento.pages.admin_frame import Shop, admin_page, done, missing, undone, words
from ipaas.sandbox.magento.pages.admin_orders import HERE, status_badge
from ipaas.sandbox.magento.sales import changing, comments, invoicing, refunding, shipping, states
from ipaas.sandbox.magento.sales.order_lookup import items_of
from ipaas.sandbox.magento.shop import editing
from ipaas.sandbox.magento.shop.unsellable import Unsellable
from ipaas.sandbox.magento.state import Row, State

router: Router[Shop] = Router()
CARRIERS = (("custom", "Custom value"), ("dhl", "DHL"), ("fedex", "FedEx"), ("ups", "UPS"), ("usps", "USPS"))
SUMS = (
    ("Subtotal", "subtotal"),
    ("Discount", "discount_amount"),
    ("Shipping", "shipping_amount"),
    ("Tax", "tax_amount"),
    ("Grand total", "grand_total"),
    ("Paid", "total_paid"),
    ("Refunded", "total_refunded"),
    ("Due", "total_due"),
)


@router.route("GET", f"{HERE}/<int:order_id>")
def order(service: Shop, request: Request, order_id: int) -> Reply:
    """The order with its rows, money, addresses, documents and history, and the forms of what can be done."""
    state = service.state
    row = state.orders.get(order_id)
    if row is None:
        return missing(request, "order", HERE)
    items = items_of(state, order_id)
    head = pages.facts(
        [
            ("Status", status_badge(row)),
            ("State", row["state"]),
            ("Placed (UTC)", row["created_at"]),
            ("Customer", row["customer_email"]),
            ("Payment", (state.payments.first(parent_id=order_id) or {}).get("method", "")),
            *_relations(row),
        ]
    )
    parts = (
        pages.section("Order", Markup("").join((head, _plain_actions(row, items)))),
        pages.section("Items Ordered", Markup("").join((_items(items), _sums(row)))),
        pages.section("Addresses", pages.facts(_addresses(state, order_id))),
        *_forms(state, row, items),
        pages.section("Documents", _documents(state, order_id)),
        pages.section("Comments History", Markup("").join((_history(state, order_id), _comment_form(row)))),
    )
    return admin_page(request, f"#{row['increment_id']}", *parts, here=HERE)


# --- what it is -----------------------------------------------------------------------------------


def _relations(row: Row) -> Iterable[tuple[str, str]]:
    names = {"relation_parent_real_id": "Edited from", "relation_child_real_id": "Replaced by"}
    yield from ((label, row[name]) for name, label in names.items() if row.get(name))


def _items(items: Sequence[Row]) -> Markup:
    counters = ("ordered", "invoiced", "shipped", "refunded", "canceled")
    return pages.table(
        ("Item", "SKU", "Price", *(word.capitalize() for word in counters), "Row total"),
        (
            (
                f"↳ {item['name']}" if item.get("parent_item_id") else item["name"],
                item["sku"],
                pages.money(item.get("price")),
                *(_pieces(item.get(f"qty_{word}")) for word in counters),
                pages.money(item.get("row_total")),
            )
            for item in items
        ),
        numeric=(2, 3, 4, 5, 6, 7, 8),
    )


def _pieces(value: Any) -> str:
    return f"{Decimal(value or 0).normalize():f}"


def _sums(row: Row) -> Markup:
    code = row["order_currency_code"]
    return pages.facts((label, f"{pages.money(row.get(name))} {code}") for label, name in SUMS)


def _addresses(state: State, order_id: int) -> Iterable[tuple[str, str]]:
    for address in state.addresses.find(parent_id=order_id):
        lines = (
            f"{address.get('firstname') or ''} {address.get('lastname') or ''}".strip(),
            *(address.get("street") or ()),
            f"{address.get('postcode') or ''} {address.get('city') or ''} {address.get('region') or ''}".strip(),
            address.get("country_id"),
            address.get("telephone"),
        )
        yield str(address["address_type"]).capitalize(), ", ".join(filter(None, lines))


def _documents(state: State, order_id: int) -> Markup:
    tracks: dict[int, list[str]] = {}
    for track in state.tracks.find(order_id=order_id):
        tracks.setdefault(track["parent_id"], []).append(f"{track['carrier_code']} {track['track_number']}")
    rows = [
        *(("Invoice", row["increment_id"], pages.money(row["grand_total"])) for row in _of(state.invoices, order_id)),
        *(
            ("Shipment", row["increment_id"], ", ".join(tracks.get(row["entity_id"], ["no tracking number"])))
            for row in _of(state.shipments, order_id)
        ),
        *(
            ("Credit memo", row["increment_id"], pages.money(row["grand_total"]))
            for row in _of(state.creditmemos, order_id)
        ),
    ]
    return pages.table(("What", "Number", ""), rows, none="No document yet.")


def _of(table: Any, order_id: int) -> list[Row]:
    return list(table.find(order_id=order_id))


def _history(state: State, order_id: int) -> Markup:
    rows = reversed(list(state.status_histories.find(parent_id=order_id)))
    return pages.table(
        ("When (UTC)", "Status", "Comment"), ((row["created_at"], row["status"], row["comment"] or "") for row in rows)
    )


# --- what can be done -----------------------------------------------------------------------------


def _plain_actions(row: Row, items: Sequence[Row]) -> Markup:
    may = {
        "cancel": ("Cancel", states.can_cancel(row, items)),
        "hold": ("Hold", states.can_hold(row)),
        "unhold": ("Unhold", states.can_unhold(row)),
        "accept": ("Accept Payment", row["state"] == states.PAYMENT_REVIEW),
        "deny": ("Deny Payment", row["state"] == states.PAYMENT_REVIEW),
    }
    base = f"{HERE}/{row['entity_id']}"
    return Markup("").join(
        pages.form(f"{base}/{act}", submit=label, quiet=True) for act, (label, is_open) in may.items() if is_open
    )


def _edit_form(state: State, row: Row) -> Iterable[Markup]:
    """The order anew with other quantities; the old one is cancelled."""
    lines = (row.get("recipe") or {}).get("lines", ())
    fields = [
        pages.field(
            str(line.get("sku") or line.get("name")), f"line_{at}", line.get("quantity", 1), kind="number", min=0
        )
        for at, line in enumerate(lines)
    ]
    if fields:
        yield pages.section("Edit", pages.form(f"{HERE}/{row['entity_id']}/edit", *fields, submit="Submit Order"))


def _forms(state: State, row: Row, items: Sequence[Row]) -> Iterable[Markup]:
    base = f"{HERE}/{row['entity_id']}"
    if states.can_invoice(row, items):
        capture = pages.checkbox("Capture online", "capture")
        yield pages.section(
            "Invoice",
            pages.form(f"{base}/invoice", *_rows(items, states.qty_to_invoice), capture, submit="Submit Invoice"),
        )
    if states.can_cancel(row, items):
        yield from _edit_form(state, row)
    if states.can_ship(row, items):
        sources = [(one["source_code"], one["name"]) for one in state.sources.all()]
        yield pages.section(
            "Ship",
            pages.form(
                f"{base}/ship",
                *_rows(items, states.qty_to_ship),
                pages.select("Source", "source", [("", "as the stock says"), *sources]),
                pages.select("Carrier", "carrier", CARRIERS),
                pages.field("Number", "number"),
                pages.checkbox("Email copy of shipment", "notify", checked=True),
                submit="Submit Shipment",
            ),
        )
    if states.can_creditmemo(row, items):
        yield pages.section(
            "Credit Memo",
            pages.form(
                f"{base}/refund",
                *_rows(items, states.qty_to_refund),
                pages.field("Refund shipping", "shipping", "0"),
                pages.field("Adjustment refund", "positive", "0"),
                pages.field("Adjustment fee", "negative", "0"),
                pages.checkbox("Return to stock", "returns"),
                submit="Refund Offline",
            ),
        )


def _rows(items: Sequence[Row], left: Callable[[Row], Decimal]) -> Iterable[Markup]:
    for item in items:
        most = left(item)
        if most > 0:
            name = f"{item['sku']} (of {_pieces(most)})"
            yield pages.field(name, f"qty_{item['item_id']}", _pieces(most), kind="number", min=0, step="any")


def _comment_form(row: Row) -> Markup:
    labels = [(name, name) for name in dict.fromkeys([row["status"] or "", *states.STATUSES.get(row["state"], ())])]
    return pages.form(
        f"{HERE}/{row['entity_id']}/comment",
        pages.select("Status", "status", labels, row["status"]),
        pages.field("Comment", "comment"),
        pages.checkbox("Notify customer by email", "notify"),
        submit="Submit Comment",
    )


@router.route("POST", f"{HERE}/<int:order_id>/edit")
def edited(service: Shop, request: Request, order_id: int) -> Reply:
    """The order that takes its place, or why there is none."""
    lines = [
        {"line": int(name[5:]), "quantity": int(value or 0)}
        for name, value in request.form.items()
        if name.startswith("line_")
    ]
    try:
        new = editing.edit(service.state, order_id, {"lines": lines})
    except (Refused, Unsellable) as refusal:
        service.state.db.rollback()
        return undone(f"{HERE}/{order_id}", words(refusal) if isinstance(refusal, Refused) else str(refusal))
    return done(f"{HERE}/{new['entity_id']}", "You created the order.")


# --- doing it -------------------------------------------------------------------------------------


@router.route(
    "POST", f"{HERE}/<int:order_id>/<any(cancel, hold, unhold, accept, deny, invoice, ship, refund, comment):act>"
)
def acted(service: Shop, request: Request, order_id: int, act: str) -> Reply:
    """One click of staff; a refusal says why and changes nothing."""
    if service.state.orders.get(order_id) is None:
        return missing(request, "order", HERE)
    here = f"{HERE}/{order_id}"
    try:
        said = ACTS[act](service.state, order_id, request.form)
    except Refused as refused:
        service.state.db.rollback()
        return undone(here, words(refused))
    except InvalidOperation:
        return undone(here, "That is no number.")
    return done(here, said)


def _cancel(state: State, order_id: int, form: Any) -> str:
    return "You canceled the order." if changing.cancel(state, order_id) else "You have not canceled the item."


def _hold(state: State, order_id: int, form: Any) -> str:
    changing.hold(state, order_id)
    return "You put the order on hold."


def _unhold(state: State, order_id: int, form: Any) -> str:
    changing.unhold(state, order_id)
    return "You released the order from holding status."


def _accept(state: State, order_id: int, form: Any) -> str:
    changing.reviewed(state, order_id, accepts=True)
    return "The payment has been accepted."


def _deny(state: State, order_id: int, form: Any) -> str:
    changing.reviewed(state, order_id, accepts=False)
    return "The payment has been denied."


def _invoice(state: State, order_id: int, form: Any) -> str:
    invoicing.invoice(state, order_id, _wanted(form), captures=bool(form.get("capture")))
    return "The invoice has been created."


def _ship(state: State, order_id: int, form: Any) -> str:
    number, carrier = form.get("number", "").strip(), form.get("carrier", "custom")
    tracks = [{"track_number": number, "carrier_code": carrier, "title": dict(CARRIERS)[carrier]}] if number else []
    shipping.ship(
        state,
        order_id,
        _wanted(form),
        tracks=tracks,
        source=form.get("source", ""),
        notifies=bool(form.get("notify")),
    )
    return "The shipment has been created."


def _refund(state: State, order_id: int, form: Any) -> str:
    items = _wanted(form)
    wish = refunding.Wish(
        items=items,
        shipping=Decimal(form.get("shipping") or 0),
        positive=Decimal(form.get("positive") or 0),
        negative=Decimal(form.get("negative") or 0),
        returns=frozenset(row["order_item_id"] for row in items if row["qty"]) if form.get("returns") else frozenset(),
    )
    refunding.refund(state, order_id, wish)
    return "You created the credit memo."


def _comment(state: State, order_id: int, form: Any) -> str:
    given = {"comment": form.get("comment", ""), "status": form.get("status", "")}
    comments.order_commented(state, order_id, given | {"is_customer_notified": int(bool(form.get("notify")))})
    return "You added the comment."


def _wanted(form: Any) -> list[Row]:
    """Rows with their quantities, as the form has them."""
    named = {name: value for name, value in form.items() if name.startswith("qty_")}
    return [{"order_item_id": int(name[4:]), "qty": Decimal(value or 0)} for name, value in named.items()]


ACTS: dict[str, Callable[[State, int, Any], str]] = {
    "cancel": _cancel,
    "hold": _hold,
    "unhold": _unhold,
    "accept": _accept,
    "deny": _deny,
    "invoice": _invoice,
    "ship": _ship,
    "refund": _refund,
    "comment": _comment,
}
