"""One order in the control panel: what it is."""

from __future__ import annotations

from markupsafe import Markup

from ipaas.sandbox.bigcommerce.pages import address_forms, frame, order_forms, panel
from ipaas.sandbox.bigcommerce.pages.frame import H, join, money
from ipaas.sandbox.bigcommerce.pages.session import Store
from ipaas.sandbox.bigcommerce.state import Row, State
from ipaas.sandbox.core.web import Reply, Request, Router

router: Router[Store] = Router()
HERE = "/manage/orders"


@router.route("GET", "/manage/orders/<int:order_id>")
def order(service: Store, request: Request, order_id: int) -> Reply:
    """The order with its lines, money, addresses, shipments, payments and refunds, and what can be done to it."""
    state = service.state
    row = state.orders.get(order_id)
    if row is None:
        return panel.missing(state, request, "order", HERE)
    badges = [(row["payment_status"], ""), ("archived" if row["is_deleted"] else "", "bad")]
    payment = join(H('<span class="badge {}">{}</span>').format(kind, text) for text, kind in badges if text)
    head = H(
        '<p class="crumbs"><a href="{}">Orders</a> / {}</p><div class="head"><h1>Order {}</h1>{}{}<p>{}</p></div>'
    ).format(
        HERE, order_id, order_id, panel.status_badge(state, row["status_id"]), payment, panel.date(row["date_created"])
    )
    left = join((_items(state, row), _shipments(state, row), _payments(state, row), _refunds(state, row)))
    right = join((order_forms.actions_card(state, row), _people(state, row), _notes(state, row)))
    body = H('{}<div class="two-thirds"><div class="stack">{}</div><div class="stack">{}</div></div>')
    return panel.panel_page(state, request, f"Order {order_id}", body.format(head, left, right), here=HERE)


# --- items and money ------------------------------------------------------------------------------


def _items(state: State, row: Row) -> Markup:
    lines = state.lines.find(order_id=row["id"])
    return panel.card(
        "Items",
        panel.table(
            ("Item", "SKU", "Done", "Price", "Qty", "Total"),
            (
                (
                    _item(line),
                    H("<code>{}</code>").format(line["sku"]) if line["sku"] else "",
                    _done(line),
                    money(line["price_ex_tax"]),
                    line["quantity"],
                    money(line["total_ex_tax"]),
                )
                for line in lines
            ),
            numeric=(3, 4, 5),
            wide=(1, 2, 3),
        ),
        frame.totals(_sums(state, row), ("Total", money(row["total_inc_tax"]))),
        _tenders(row),
    )


def _item(line: Row) -> Markup:
    notes = [f"{option['display_name']}: {option['display_value']}" for option in line["product_options"]]
    if line["is_bundled_product"]:
        notes.append(f"part of line {line['parent_order_product_id']}")
    if line["wrapping_name"]:
        message = f", card: {line['wrapping_message']}" if line["wrapping_message"] else ""
        notes.append(f"gift wrap {line['wrapping_name']} {money(line['wrapping_cost_ex_tax'])}{message}")
    notes += [f"{found['name']} {money(-found['amount'])}" for found in line["applied_discounts"]]
    if line["type"] != "physical":
        notes.append(line["type"])
    return H("{}{}").format(line["name"], join(H('<span class="sub">{}</span>').format(note) for note in notes))


def _done(line: Row) -> str:
    parts = [(line["quantity_shipped"], "shipped"), (line["quantity_refunded"], "refunded")]
    return ", ".join(f"{count} {word}" for count, word in parts if count)


def _sums(state: State, row: Row) -> list[tuple[str, str]]:
    """The pricing side of §9.3, so that the column adds up."""
    side = "inc" if row["is_tax_inclusive_pricing"] else "ex"
    found = state.order_fees.find(order_id=row["id"])
    fees = [(fee["display_name_merchant"], fee[f"cost_{side}_tax"]) for fee in found]
    coupons = ", ".join(found["code"] for found in state.order_coupons.find(order_id=row["id"]))
    parts = [
        ("Subtotal", row[f"subtotal_{side}_tax"]),
        ("Gift wrap", row[f"wrapping_cost_{side}_tax"]),
        ("Shipping", row[f"shipping_cost_{side}_tax"]),
        ("Handling", row[f"handling_cost_{side}_tax"]),
        *fees,
        (f"Coupon {coupons}".strip(), -row["coupon_discount"]),
        ("Discount", -row["discount_amount"]),
        ("Tax" if side == "ex" else "Tax (included)", row["total_tax"]),
    ]
    return [(name, money(amount)) for name, amount in parts if amount or name in {"Subtotal", "Shipping", "Tax"}]


def _tenders(row: Row) -> Markup:
    own = [("Gift certificate", row["gift_certificate_amount"]), ("Store credit", row["store_credit_amount"])]
    shown = [(name, money(-amount)) for name, amount in own if amount]
    if not shown:
        return frame.NOTHING
    rest = row["total_inc_tax"] - row["gift_certificate_amount"] - row["store_credit_amount"]
    return frame.totals(shown, ("To pay", money(rest)))


# --- what happened --------------------------------------------------------------------------------


def _shipments(state: State, row: Row) -> Markup:
    rows = state.shipments.find(order_id=row["id"])
    if not rows:
        return frame.NOTHING
    names = {line["id"]: line["name"] for line in state.lines.find(order_id=row["id"])}
    return panel.card(
        "Shipments",
        panel.table(
            ("No.", "Date", "Items", "Carrier", "Tracking", "(Delete)"),
            (
                (
                    found["id"],
                    panel.date(found["date_created"]),
                    ", ".join(
                        f"{item['quantity']} × {names.get(item['order_product_id'], '?')}" for item in found["items"]
                    ),
                    found["shipping_provider"],
                    found["tracking_number"],
                    frame.form(
                        f"/manage/orders/{row['id']}/unship",
                        H('<input type="hidden" name="shipment" value="{}">').format(found["id"]),
                        frame.button("Delete", kind="quiet"),
                    ),
                )
                for found in rows
            ),
            wide=(1, 3),
        ),
    )


def _payments(state: State, row: Row) -> Markup:
    rows = state.transactions.find(order_id=row["id"])
    return panel.card(
        "Payments",
        panel.table(
            ("No.", "Date", "What", "Gateway", "Result", "Amount"),
            (
                (
                    found["id"],
                    panel.date(found["date_created"]),
                    found["event"],
                    H('{}<span class="sub">{}</span>').format(found["gateway"], found["gateway_transaction_id"]),
                    found["status"],
                    money(found["amount"]),
                )
                for found in rows
            ),
            numeric=(5,),
            wide=(0, 1),
            none="No transactions.",
        ),
    )


def _refunds(state: State, row: Row) -> Markup:
    rows = state.refunds.find(order_id=row["id"])
    if not rows:
        return frame.NOTHING
    return panel.card(
        "Refunds",
        panel.table(
            ("No.", "Date", "What", "To", "Amount"),
            (
                (
                    found["id"],
                    panel.date(found["created"]),
                    ", ".join(_refunded(item) for item in found["items"]),
                    ", ".join(_paid_back(payment) for payment in found["payments"]),
                    money(found["total_amount"]),
                )
                for found in rows
            ),
            numeric=(4,),
            wide=(1,),
        ),
    )


def _refunded(item: Row) -> str:
    if item["item_type"] == "PRODUCT":
        return f"{item['quantity']} × line {item['item_id']}"
    return str(item["item_type"]).lower().replace("_", " ")


def _paid_back(payment: Row) -> str:
    declined = f" (declined: {payment['declined_message']})" if payment["is_declined"] else ""
    return f"{payment['provider_id']}{declined}"


def _people(state: State, row: Row) -> Markup:
    who = H('<a href="/manage/customers/{}">Customer {}</a>').format(row["customer_id"], row["customer_id"])
    billing = row["billing_address"]
    contact = H("{}<br>{}").format(billing["email"], billing["phone"])
    parts = [
        ("Who", who if row["customer_id"] else "Guest"),
        ("Contact", contact),
        ("Billing", address_forms.shown(billing)),
    ]
    parts += [
        (f"Ship to · {found['shipping_method']}", address_forms.shown(found))
        for found in state.order_addresses.find(order_id=row["id"])
    ]
    parts += [
        (
            "Pick up",
            H("{}<br>{}").format(found["pickup_method_display_name"], found["location"].get("address_line_1", "")),
        )
        for found in state.order_pickups.find(order_id=row["id"])
    ]
    return panel.card("Customer", panel.facts(parts))


def _notes(state: State, row: Row) -> Markup:
    said = H("<p>“{}”</p>").format(row["customer_message"]) if row["customer_message"] else ""
    rows = [
        f"{'Customer' if found['type'] == 'customer' else 'Staff'}: {found['message']}"
        for found in state.messages.find(order_id=row["id"])
    ]
    listed = H('<ul class="plain">{}</ul>').format(join(H("<li>{}</li>").format(text) for text in rows)) if rows else ""
    return panel.card("Notes", H('<div class="stack">{}{}{}</div>').format(said, listed, order_forms.note_forms(row)))
