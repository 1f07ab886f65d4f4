"""What staff can do to an order, as forms, and the handlers behind them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from markupsafe import Markup

from ipaas.sandbox.bigcommerce import actions
from ipaas.sandbox.bigcommerce.actions.refunds import refundable
from ipaas.sandbox.bigcommerce.actions.shipments import PROVIDERS
from ipaas.sandbox.bigcommerce.pages import address_forms, frame, panel
from ipaas.sandbox.bigcommerce.pages.frame import H, join, money
from ipaas.sandbox.bigcommerce.pages.session import Store
from ipaas.sandbox.bigcommerce.shop import afterwards, goods
from ipaas.sandbox.bigcommerce.shop.goods import Unsellable
from ipaas.sandbox.bigcommerce.state import Row, State
from ipaas.sandbox.core.web import Reply, Request, Router

router: Router[Store] = Router()
PICKED = "line-"


def _url(order_id: int, what: str = "") -> str:
    return f"/manage/orders/{order_id}{what}"


# --- forms ----------------------------------------------------------------------------------------


def actions_card(state: State, order: Row) -> Markup:
    """Status on top, the rest folded."""
    number = order["id"]
    lines = state.lines.find(order_id=number)
    statuses = [(row["id"], row["custom_label"]) for row in sorted(state.statuses.all(), key=lambda row: row["order"])]
    change = frame.form(
        _url(number, "/status"),
        frame.select("Status", "status_id", statuses, order["status_id"]),
        frame.button("Change status"),
        kind="inline",
    )
    parts = [
        _ship_form(state, order, lines),
        _refund_form(state, order, lines),
        _edit_form(order, lines),
        *(_address_form(number, row) for row in state.order_addresses.find(order_id=number)),
        _billing_form(order),
        _gateway_forms(order),
        _end_forms(order),
    ]
    return panel.card("Work on this order", H('<div class="stack">{}<div>{}</div></div>').format(change, join(parts)))


def _pieces(lines: list[Row], most: dict[int, int], filled: bool) -> Markup:
    return panel.table(
        ("Item", "Pieces"),
        (
            (
                H('{}<span class="sub">{}</span>').format(line["name"], line["sku"]),
                H('<input type="number" name="{}{}" value="{}" min="0" max="{}" aria-label="Pieces of {}">').format(
                    PICKED, line["id"], most[line["id"]] if filled else 0, most[line["id"]], line["name"]
                ),
            )
            for line in lines
        ),
        numeric=(1,),
    )


def _ship_form(state: State, order: Row, lines: list[Row]) -> Markup:
    lines = afterwards.open_lines(state, order["id"])
    if not lines:
        return frame.NOTHING
    most = {line["id"]: afterwards.open_pieces(line) for line in lines}
    carriers = [(code, name or "Other") for code, name in PROVIDERS.items() if code != "custom"]
    return panel.fold(
        "Ship items",
        frame.form(
            _url(order["id"], "/ship"),
            _pieces(lines, most, filled=True),
            H('<div class="two">{}{}</div>').format(
                frame.select("Carrier", "provider", carriers, "ups"),
                frame.field("Tracking number", "tracking", "1Z999AA10123456784"),
            ),
            frame.button("Ship"),
        ),
    )


def _refund_form(state: State, order: Row, lines: list[Row]) -> Markup:
    left = refundable(state, order)
    if left <= 0:
        return frame.NOTHING
    most = {line["id"]: line["quantity"] - line["quantity_refunded"] for line in lines}
    ways = [("", "Back to how it was paid"), ("storecredit", "Store credit"), ("custom", "By hand, outside the shop")]
    return panel.fold(
        "Refund",
        frame.form(
            _url(order["id"], "/refund"),
            H('<p class="quiet">Up to {} is left.</p>').format(money(left)),
            _pieces([line for line in lines if most[line["id"]]], most, filled=False),
            H('<div class="two">{}{}</div>').format(
                frame.field("Shipping", "shipping", "0.00", inputmode="decimal"),
                frame.field("Free amount", "amount", "0.00", inputmode="decimal"),
            ),
            H('<div class="two">{}{}</div>').format(
                frame.select("To", "provider", ways), frame.field("Reason", "reason")
            ),
            H('<div class="buttons">{}{}</div>').format(
                frame.button("Refund this", "do", "part"),
                frame.button(f"Refund all {money(left)}", "do", "all", "quiet"),
            ),
        ),
    )


def _edit_form(order: Row, lines: list[Row]) -> Markup:
    own = [line for line in lines if not line["is_bundled_product"]]
    rows = panel.table(
        ("Item", "Pieces"),
        (
            (
                line["name"],
                H('<input type="number" name="{}{}" value="{}" min="0" aria-label="Pieces of {}">').format(
                    PICKED, line["id"], line["quantity"], line["name"]
                ),
            )
            for line in own
        ),
        numeric=(1,),
    )
    return panel.fold(
        "Edit items",
        frame.form(
            _url(order["id"], "/edit"),
            rows,
            H('<div class="two">{}{}</div>').format(
                frame.field("Add a SKU", "sku"), frame.field("Pieces", "quantity", 1, kind="number", min=1)
            ),
            H('<p class="quiet">Changed lines lose their discounts, as in a real store.</p>'),
            frame.button("Save items"),
        ),
    )


def _address_form(order_id: int, row: Row) -> Markup:
    return panel.fold(
        f"Edit shipping address: {row['city']}",
        frame.form(
            _url(order_id, f"/address/{row['id']}"),
            address_forms.fields("", row, with_email=True),
            frame.button("Save address"),
        ),
    )


def _billing_form(order: Row) -> Markup:
    return panel.fold(
        "Edit billing address",
        frame.form(
            _url(order["id"], "/billing"),
            address_forms.fields("", order["billing_address"], with_email=True),
            frame.button("Save address"),
        ),
    )


def _gateway_forms(order: Row) -> Markup:
    if order["payment_status"] != "authorized":
        return frame.NOTHING
    return panel.fold(
        "Capture or void the payment",
        H('<div class="buttons">{}{}</div>').format(
            frame.form(_url(order["id"], "/capture"), frame.button("Capture")),
            frame.form(_url(order["id"], "/void"), frame.button("Void", kind="quiet")),
        ),
    )


def _end_forms(order: Row) -> Markup:
    """Cancel and archive."""
    cancel = frame.form(
        _url(order["id"], "/cancel"),
        frame.field("Staff note", "note", order["staff_notes"]),
        H('<p class="quiet">Cancelling does not refund.</p>'),
        frame.button("Cancel order", kind="bad"),
    )
    archive = frame.form(
        _url(order["id"], "/archive"),
        H('<p class="quiet">It leaves the lists and can still be read by number.</p>'),
        frame.button("Archive order", kind="bad"),
    )
    parts = [panel.fold("Cancel the order", cancel)] if order["status_id"] != afterwards.CANCELLED else []
    return join((*parts, *([] if order["is_deleted"] else [panel.fold("Archive the order", archive)])))


def note_forms(order: Row) -> Markup:
    """Staff notes and a message from the customer."""
    return frame.form(
        _url(order["id"], "/notes"),
        frame.area("Staff notes", "staff_notes", order["staff_notes"]),
        frame.button("Save notes", kind="quiet"),
    ) + frame.form(
        _url(order["id"], "/message"),
        frame.field("Message", "text", required=True),
        H('<div class="buttons">{}{}</div>').format(
            frame.button("As the customer", "by", "customer", "quiet"), frame.button("As staff", "by", "staff", "quiet")
        ),
    )


# --- handlers -------------------------------------------------------------------------------------


def _picked(request: Request) -> dict[int, int]:
    """Pieces by line id."""
    return {
        int(name.removeprefix(PICKED)): int(value or 0)
        for name, value in request.form.items()
        if name.startswith(PICKED)
    }


def _amount(request: Request, name: str) -> Decimal:
    return Decimal(request.form.get(name, "").strip() or 0)


@router.route("POST", "/manage/orders/<int:order_id>/status")
def set_status(service: Store, request: Request, order_id: int) -> Reply:
    """Another status."""
    return panel.attempt(
        service,
        _url(order_id),
        "Status changed.",
        lambda: actions.order_set_status(service.state, order_id, request.form.get("status_id", -1, type=int)),
    )


@router.route("POST", "/manage/orders/<int:order_id>/ship")
def ship(service: Store, request: Request, order_id: int) -> Reply:
    """Ship the pieces asked for."""
    form = request.form

    def act() -> None:
        if not afterwards.ship(
            service.state,
            order_id,
            wanted=_picked(request),
            tracking=form.get("tracking", ""),
            provider=form.get("provider", ""),
        ):
            raise Unsellable("lines", "Nothing was chosen to ship.")

    return panel.attempt(service, _url(order_id), "Shipped.", act)


@router.route("POST", "/manage/orders/<int:order_id>/unship")
def unship(service: Store, request: Request, order_id: int) -> Reply:
    """Delete a shipment; the status stays."""
    return panel.attempt(
        service,
        _url(order_id),
        "Shipment deleted.",
        lambda: actions.shipment_delete(service.state, order_id, request.form.get("shipment", 0, type=int)),
    )


@router.route("POST", "/manage/orders/<int:order_id>/refund")
def refund(service: Store, request: Request, order_id: int) -> Reply:
    """Refund pieces and amounts, or everything that is left."""
    form = request.form

    def act() -> None:
        chosen: dict[str, Any] = (
            {}
            if form.get("do") == "all"
            else {
                "lines": {line: count for line, count in _picked(request).items() if count},
                "shipping": _amount(request, "shipping"),
                "amount": _amount(request, "amount"),
            }
        )
        if form.get("do") != "all" and not any(chosen.values()):
            raise Unsellable("lines", "Nothing was chosen to refund.")
        afterwards.refund(
            service.state,
            order_id,
            provider=form.get("provider", ""),
            reason=form.get("reason", ""),
            user_id=panel.STAFF,
            **chosen,
        )

    return panel.attempt(service, _url(order_id), "Refund sent to the gateway.", act)


@router.route("POST", "/manage/orders/<int:order_id>/edit")
def edit(service: Store, request: Request, order_id: int) -> Reply:
    """Other quantities and one more SKU."""
    state = service.state

    def act() -> None:
        before = {line["id"]: line["quantity"] for line in state.lines.find(order_id=order_id)}
        products: list[Row] = [
            {"id": line, "quantity": count} for line, count in _picked(request).items() if before.get(line) != count
        ]
        if sku := request.form.get("sku", "").strip():
            variant = goods.find(state, sku).variant
            products.append(
                {
                    "product_id": variant["product_id"],
                    "variant_id": variant["id"],
                    "quantity": request.form.get("quantity", 1, type=int),
                }
            )
        if not products:
            raise Unsellable("lines", "Nothing was changed.")
        actions.order_edit(state, order_id, {"products": products})

    return panel.attempt(service, _url(order_id), "Items saved.", act)


@router.route("POST", "/manage/orders/<int:order_id>/address/<int:address_id>")
def edit_address(service: Store, request: Request, order_id: int, address_id: int) -> Reply:
    """Another shipping address; costs stay."""
    return panel.attempt(
        service,
        _url(order_id),
        "Address saved.",
        lambda: actions.address_edit(service.state, order_id, address_id, address_forms.read("", request.form)),
    )


@router.route("POST", "/manage/orders/<int:order_id>/billing")
def edit_billing(service: Store, request: Request, order_id: int) -> Reply:
    """Another billing address."""
    return panel.attempt(
        service,
        _url(order_id),
        "Address saved.",
        lambda: actions.order_edit(service.state, order_id, {"billing_address": address_forms.read("", request.form)}),
    )


@router.route("POST", "/manage/orders/<int:order_id>/cancel")
def cancel(service: Store, request: Request, order_id: int) -> Reply:
    """Status Cancelled."""
    return panel.attempt(
        service,
        _url(order_id),
        "Order cancelled.",
        lambda: afterwards.cancel(service.state, order_id, request.form.get("note", "")),
    )


@router.route("POST", "/manage/orders/<int:order_id>/archive")
def archive(service: Store, request: Request, order_id: int) -> Reply:
    """Out of the lists."""
    return panel.attempt(
        service, _url(order_id), "Order archived.", lambda: actions.order_archive(service.state, order_id)
    )


@router.route("POST", "/manage/orders/<int:order_id>/capture")
def capture(service: Store, request: Request, order_id: int) -> Reply:
    """Ask the gateway for the money."""
    return panel.attempt(
        service, _url(order_id), "Capture sent to the gateway.", lambda: actions.capture(service.state, order_id)
    )


@router.route("POST", "/manage/orders/<int:order_id>/void")
def void(service: Store, request: Request, order_id: int) -> Reply:
    """Let the money go."""
    return panel.attempt(
        service, _url(order_id), "Void sent to the gateway.", lambda: actions.void(service.state, order_id)
    )


@router.route("POST", "/manage/orders/<int:order_id>/notes")
def notes(service: Store, request: Request, order_id: int) -> Reply:
    """Staff notes, as a whole."""
    return panel.attempt(
        service,
        _url(order_id),
        "Notes saved.",
        lambda: actions.order_edit(service.state, order_id, {"staff_notes": request.form.get("staff_notes", "")}),
    )


@router.route("POST", "/manage/orders/<int:order_id>/message")
def message(service: Store, request: Request, order_id: int) -> Reply:
    """A message by the customer or by staff."""
    return panel.attempt(
        service,
        _url(order_id),
        "Message sent.",
        lambda: actions.message_create(
            service.state, order_id, text=request.form.get("text", ""), by_customer=request.form.get("by") == "customer"
        ),
    )
