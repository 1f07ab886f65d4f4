"""Control calls for scripted shoppers and staff: `/_sim/orders` and `/_sim/recipes` (apis/magento.md §22)."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from decimal import Decimal, InvalidOperation
from functools import partial
from typing import Any, Protocol

from ipaas.sandbox import catalog
from ipaas.sandbox.core.web import ApiError, Reply, Request, Router, json_reply
from ipaas.sandbox.magento.sales import changing, gateway, invoicing, shipping
from ipaas.sandbox.magento.sales.cents import ZERO, Row
from ipaas.sandbox.magento.sales.comments import order_commented
from ipaas.sandbox.magento.sales.order_lookup import items_of, order_of
from ipaas.sandbox.magento.sales.order_shape import order_shape
from ipaas.sandbox.magento.sales.refunding import Wish
from ipaas.sandbox.magento.sales.states import is_money_dummy
from ipaas.sandbox.magento.shop import afterwards, editing
from ipaas.sandbox.magento.shop.recipe import order_from
from ipaas.sandbox.magento.shop.shopper_address import read_address
from ipaas.sandbox.magento.shop.unsellable import Unsellable
from ipaas.sandbox.magento.state import State

MOST_AT_ONCE = 10_000


class Store(Protocol):
    """What the control calls need of the service."""

    state: State

    def transaction(self) -> AbstractContextManager[None]: ...


router: Router[Store] = Router()


def told(action: Callable[[], Any]) -> Any:
    """Run an action; what a shopper cannot have is a 422 that says why, a misspelt wish a 400."""
    try:
        return action()
    except Unsellable as exc:
        raise ApiError(422, {"error": str(exc), "field": exc.field}) from exc
    except (KeyError, IndexError, TypeError, ValueError, InvalidOperation) as exc:
        raise ApiError(400, {"error": f"{type(exc).__name__}: {exc}"}) from exc


# --- shoppers -------------------------------------------------------------------------------------


@router.route("GET", "/_sim/recipes")
def recipes(service: Store, request: Request) -> Reply:
    """`?n=50&seed=7`: n varied recipes, equal for equal arguments."""
    n, seed = request.args.get("n", 50, type=int), request.args.get("seed", 7, type=int)
    return json_reply({"recipes": catalog.recipes(min(n, MOST_AT_ONCE), seed)})


@router.route("POST", "/_sim/orders", locked=False)
def orders_place(service: Store, request: Request) -> Reply:
    """Place the orders of a recipe (`count` times) or of a list of recipes, each in its own transaction."""
    wish = request.json()
    wanted = [one for row in (wish if isinstance(wish, list) else [wish]) for one in [row] * int(row.get("count", 1))]
    placed: list[Row] = []
    for recipe in wanted[:MOST_AT_ONCE]:
        try:
            with service.transaction():
                placed.append(told(partial(order_from, service.state, recipe)))
        except ApiError as exc:
            raise ApiError(exc.status, {**exc.body, **_summary(placed), "recipe": recipe}) from exc
    return json_reply(_summary(placed), 201)


def _summary(placed: list[Row]) -> Row:
    return {
        "ids": [order["entity_id"] for order in placed],
        "increment_ids": {str(order["entity_id"]): order["increment_id"] for order in placed},
        "totals": {str(order["entity_id"]): f"{order['grand_total']:.2f}" for order in placed},
        "states": {str(order["entity_id"]): order["state"] for order in placed},
    }


# --- staff ----------------------------------------------------------------------------------------


def _order(state: State, order_id: int, **more: Any) -> Reply:
    order = order_of(state, order_id)
    return json_reply({**_summary([order]), "id": order_id, "state": order["state"], "status": order["status"], **more})


@router.route("GET", "/_sim/orders/<int:order_id>")
def order_read(service: Store, request: Request, order_id: int) -> Reply:
    """The order as the API shows it, uncut."""
    return json_reply(order_shape(service.state, order_of(service.state, order_id)))


@router.route("POST", "/_sim/orders/<int:order_id>/invoice")
def order_invoice(service: Store, request: Request, order_id: int) -> Reply:
    """All that is left, or `{"lines": [{"line", "quantity"}]}`.

    `"capture": false` takes no money; `"open": true` leaves the invoice open, and the order unpaid.
    """
    state, wish = service.state, request.json_object()
    wanted = told(lambda: afterwards.named_pieces(state, order_id, wish.get("lines", ())))
    is_open = bool(wish.get("open"))
    captures = bool(wish.get("capture", not is_open))
    row = told(lambda: invoicing.invoice(state, order_id, wanted, captures=captures, is_open=is_open))
    return _order(state, order_id, invoice_id=row["entity_id"])


@router.route("POST", "/_sim/orders/<int:order_id>/ship")
def order_ship(service: Store, request: Request, order_id: int) -> Reply:
    """What is left, or `{"part": true}`, or `{"lines": [{"line", "quantity"}], "tracks", "source"}`."""
    state, wish = service.state, request.json_object()
    wanted = told(lambda: afterwards.named_pieces(state, order_id, wish.get("lines", ())))
    more = {name: wish[name] for name in ("tracks", "source") if name in wish}
    row = told(lambda: afterwards.ship_left(state, order_id, part=bool(wish.get("part")), wanted=wanted, **more))
    return _order(state, order_id, shipment_id=row["entity_id"], shipment_ids=[row["entity_id"]])


@router.route("POST", "/_sim/orders/<int:order_id>/track")
def order_track(service: Store, request: Request, order_id: int) -> Reply:
    """`{"shipment", "track_number", "title", "carrier_code"}`: a number that comes later."""
    wish = request.json_object()
    given = wish | {"order_id": order_id, "parent_id": wish.get("shipment")}
    row = told(lambda: shipping.track_added(service.state, given))
    return _order(service.state, order_id, track_id=row["entity_id"])


@router.route("POST", "/_sim/orders/<int:order_id>/refund")
def order_refund(service: Store, request: Request, order_id: int) -> Reply:
    """Everything, or `{"lines": [{"line", "quantity"}], "shipping", "positive", "negative", "return", "online"}`.

    `"amount"` alone gives money back and no piece; `"return": true` puts the pieces back into stock.
    """
    state, wish = service.state, request.json_object()
    wanted = told(lambda: _wish(state, order_id, wish))
    row = told(lambda: afterwards.refund_left(state, order_id, wanted=wanted, is_online=wish.get("online")))
    return _order(state, order_id, refund_id=row["entity_id"], total=f"{row['grand_total']:.2f}")


def _wish(state: State, order_id: int, wish: Row) -> Wish:
    """A control call's credit memo; money is in base currency."""
    if not wish.keys() - {"return", "online"}:
        everything = frozenset(item["item_id"] for item in items_of(state, order_id) if not item.get("parent_item_id"))
        return Wish(returns=everything if wish.get("return") else frozenset())
    items = afterwards.named_pieces(state, order_id, wish.get("lines", ()))
    return Wish(
        items=items or _no_pieces(state, order_id),
        shipping=Decimal(wish.get("shipping", 0)),
        positive=Decimal(wish.get("amount") or wish.get("positive") or 0),
        negative=Decimal(wish.get("negative", 0)),
        returns=frozenset(row["order_item_id"] for row in items) if wish.get("return") else frozenset(),
    )


def _no_pieces(state: State, order_id: int) -> list[Row]:
    """Every row at zero, because none at all would mean everything (§11.1)."""
    rows = (row for row in items_of(state, order_id) if not is_money_dummy(row))
    return [{"order_item_id": row["item_id"], "qty": ZERO} for row in rows]


@router.route("POST", "/_sim/orders/<int:order_id>/cancel")
def order_cancel(service: Store, request: Request, order_id: int) -> Reply:
    """Cancel; what is paid already is refunded."""
    done = told(lambda: afterwards.give_up(service.state, order_id))
    return _order(service.state, order_id, done=done)


@router.route("POST", "/_sim/orders/<int:order_id>/hold")
def order_hold(service: Store, request: Request, order_id: int) -> Reply:
    """Put on hold."""
    changing.hold(service.state, order_id)
    return _order(service.state, order_id)


@router.route("POST", "/_sim/orders/<int:order_id>/unhold")
def order_unhold(service: Store, request: Request, order_id: int) -> Reply:
    """Take up again."""
    changing.unhold(service.state, order_id)
    return _order(service.state, order_id)


@router.route("POST", "/_sim/orders/<int:order_id>/review")
def order_review(service: Store, request: Request, order_id: int) -> Reply:
    """`{"accept": true}` ends a payment review."""
    changing.reviewed(service.state, order_id, accepts=bool(request.json_object().get("accept")))
    return _order(service.state, order_id)


@router.route("POST", "/_sim/orders/<int:order_id>/status")
def order_status(service: Store, request: Request, order_id: int) -> Reply:
    """`{"status": label, "state": state}`, the state optional: what a module of the merchant's does."""
    wish = request.json_object()
    told(lambda: changing.relabelled(service.state, order_id, str(wish["status"]), wish.get("state", "")))
    return _order(service.state, order_id)


@router.route("POST", "/_sim/statuses")
def status_add(service: Store, request: Request) -> Reply:
    """`{"state", "status"}`: a label of the merchant's own, assigned to a state."""
    wish = request.json_object()
    row = told(lambda: service.state.order_statuses.insert({"state": wish["state"], "status": wish["status"]}))
    return json_reply(row, 201)


@router.route("POST", "/_sim/orders/<int:order_id>/comment")
def order_comment(service: Store, request: Request, order_id: int) -> Reply:
    """`{"comment", "is_customer_notified", "is_visible_on_front", "status"}`; the present status when none is given."""
    state, wish = service.state, request.json_object()
    told(lambda: order_commented(state, order_id, {"status": order_of(state, order_id)["status"], **wish}))
    return _order(state, order_id)


@router.route("POST", "/_sim/orders/<int:order_id>/address")
def order_address(service: Store, request: Request, order_id: int) -> Reply:
    """`{"bill_to": an address, "ship_to": an address}`, either of them."""
    state, wish = service.state, request.json_object()
    for name, kind in (("bill_to", "billing"), ("ship_to", "shipping")):
        if name in wish:
            given = told(partial(read_address, state, wish[name]))
            changing.address_changed(state, order_id, given | {"address_type": kind})
    return _order(state, order_id)


@router.route("POST", "/_sim/orders/<int:order_id>/edit")
def order_edit(service: Store, request: Request, order_id: int) -> Reply:
    """`{"lines": [{"line", "quantity"}], "add": [{"sku", "quantity"}], ...}`: a new order in this one's place."""
    wish = request.json_object()
    new = told(lambda: editing.edit(service.state, order_id, wish))
    return json_reply({**_summary([new]), "id": new["entity_id"], "replaces": order_id})


@router.route("POST", "/_sim/orders/<int:order_id>/transaction")
def order_transaction(service: Store, request: Request, order_id: int) -> Reply:
    """`{"type": "capture", "amount"}`: what the gateway reports by itself, without an invoice."""
    wish = request.json_object()
    row = told(
        lambda: gateway.transaction(
            service.state, order_id, wish["type"], Decimal(wish["amount"]), is_closed=bool(wish.get("closed"))
        )
    )
    return _order(service.state, order_id, transaction_id=row["transaction_id"], txn_id=row["txn_id"])


@router.route("POST", "/_sim/orders/<int:order_id>/void")
def order_void(service: Store, request: Request, order_id: int) -> Reply:
    """Void the authorisation in Admin: the order stays in its state, its history gets a comment."""
    state = service.state
    before = gateway.open_authorization(state, order_id)
    if before is None:
        raise ApiError(422, "nothing of this order is authorised")
    invoicing.void_authorization(state, order_id, before)
    order_commented(
        state, order_id, {"comment": "Voided authorization.", "status": order_of(state, order_id)["status"]}
    )
    return _order(state, order_id)


@router.route("POST", "/_sim/invoices/<int:invoice_id>/capture")
def invoice_capture(service: Store, request: Request, invoice_id: int) -> Reply:
    """Capture an open invoice."""
    invoicing.capture(service.state, invoice_id)
    return _order(service.state, invoicing.invoice_of(service.state, invoice_id)["order_id"])


@router.route("PUT", "/_sim/orders/<int:order_id>/columns")
def order_columns(service: Store, request: Request, order_id: int) -> Reply:
    """`{"order": {...}, "payment": {...}, "items": {item id: {...}}}`: columns as faulty releases leave them."""
    state, wish = service.state, request.json_object()
    order_of(state, order_id)
    state.update(state.orders, order_id, wish.get("order") or {})
    state.update(state.payments, gateway.payment_of(state, order_id)["entity_id"], wish.get("payment") or {})
    for item_id, columns in (wish.get("items") or {}).items():
        told(partial(state.update, state.order_items, int(item_id), columns))
    return _order(state, order_id)
