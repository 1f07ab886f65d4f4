"""Control calls for scripted shoppers and staff: `/_sim/orders` and `/_sim/recipes`."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from decimal import Decimal, InvalidOperation
from functools import partial
from typing import Any, Protocol

from ipaas.sandbox import catalog
from ipaas.sandbox.bigcommerce import actions
from ipaas.sandbox.bigcommerce.errors import Refused
from ipaas.sandbox.bigcommerce.shop import afterwards, goods
from ipaas.sandbox.bigcommerce.shop.goods import Unsellable
from ipaas.sandbox.bigcommerce.shop.recipe import order_from
from ipaas.sandbox.bigcommerce.state import Row, State
from ipaas.sandbox.core.web import ApiError, Reply, Request, Router, json_reply

MOST_AT_ONCE = 10_000
DAY = 86_400  # seconds


class Store(Protocol):
    """What the control calls need of the service."""

    state: State

    def transaction(self) -> AbstractContextManager[None]: ...


router: Router[Store] = Router()


def told(action: Callable[[], Any]) -> Any:
    """Run an action; a refusal becomes a 422 (or its own status) that says why."""
    try:
        return action()
    except Unsellable as exc:
        raise ApiError(422, {"error": str(exc), "field": exc.field}) from exc
    except Refused as exc:
        raise ApiError(exc.status, {"error": exc.message, "details": exc.details or exc.errors or {}}) from exc
    except (KeyError, TypeError, ValueError, InvalidOperation) as exc:
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
                placed.append(told(partial(_place, service.state, recipe)))
        except ApiError as exc:
            raise ApiError(exc.status, {**exc.body, **_summary(placed), "recipe": recipe}) from exc
    return json_reply(_summary(placed), 201)


def _place(state: State, recipe: Row) -> Row:
    """The order of a recipe, placed `days_ago` days before now."""
    with state.backdated(state.now() - int(recipe.get("days_ago", 0)) * DAY):
        return order_from(state, recipe)


def _summary(placed: list[Row]) -> Row:
    return {
        "ids": [order["id"] for order in placed],
        "totals": {str(order["id"]): f"{order['total_inc_tax']:.2f}" for order in placed},
        "status_ids": {str(order["id"]): order["status_id"] for order in placed},
    }


# --- staff ----------------------------------------------------------------------------------------


def _order(state: State, order_id: int) -> Reply:
    order = actions.order_get(state, order_id)
    return json_reply({**_summary([order]), "id": order_id, "payment_status": order["payment_status"]})


@router.route("POST", "/_sim/orders/<int:order_id>/status")
def order_status(service: Store, request: Request, order_id: int) -> Reply:
    """`{"status_id": n}`."""
    wish = request.json_object()
    told(lambda: actions.order_set_status(service.state, order_id, int(wish["status_id"])))
    return _order(service.state, order_id)


@router.route("POST", "/_sim/orders/<int:order_id>/cancel")
def order_cancel(service: Store, request: Request, order_id: int) -> Reply:
    """Status Cancelled: `{"note": text}`, optional."""
    wish = request.json_object()
    told(lambda: afterwards.cancel(service.state, order_id, wish.get("note", "")))
    return _order(service.state, order_id)


@router.route("POST", "/_sim/orders/<int:order_id>/archive")
def order_archive(service: Store, request: Request, order_id: int) -> Reply:
    """Archive, as `DELETE /v2/orders/{id}`."""
    told(lambda: actions.order_archive(service.state, order_id))
    return _order(service.state, order_id)


@router.route("POST", "/_sim/orders/<int:order_id>/ship")
def order_ship(service: Store, request: Request, order_id: int) -> Reply:
    """Ship what is open, or `{"part": true}`, or `{"lines": [{"line", "quantity"}], "tracking", "provider"}`."""
    state, wish = service.state, request.json_object()
    known = {name: wish[name] for name in ("tracking", "provider") if name in wish}
    shipments = told(
        lambda: afterwards.ship(
            state, order_id, part=bool(wish.get("part")), wanted=_pieces(state, order_id, wish), **known
        )
    )
    return json_reply({"shipment_ids": [row["id"] for row in shipments], "id": order_id})


@router.route("POST", "/_sim/orders/<int:order_id>/unship")
def order_unship(service: Store, request: Request, order_id: int) -> Reply:
    """`{"shipment": id}`: delete a shipment, as the panel does."""
    shipment_id = int(request.json_object()["shipment"])
    told(lambda: actions.shipment_delete(service.state, order_id, shipment_id))
    return _order(service.state, order_id)


@router.route("POST", "/_sim/orders/<int:order_id>/refund")
def order_refund(service: Store, request: Request, order_id: int) -> Reply:
    """Everything, or `{"lines": [{"line", "quantity"}], "shipping", "amount", "provider", "reason"}`."""
    state, wish = service.state, request.json_object()
    refund = told(
        lambda: afterwards.refund(
            state,
            order_id,
            lines=_pieces(state, order_id, wish),
            shipping=Decimal(wish.get("shipping", 0)),
            amount=Decimal(wish.get("amount", 0)),
            provider=wish.get("provider", ""),
            reason=wish.get("reason", ""),
        )
    )
    return json_reply({"refund_id": refund["id"], "total": f"{refund['total_amount']:.2f}", "id": order_id})


@router.route("POST", "/_sim/orders/<int:order_id>/edit")
def order_edit(service: Store, request: Request, order_id: int) -> Reply:
    """`{"lines": [{"line", "quantity"}], "add": [{"sku", "quantity"}], "bill_to", "ship_to", ...}`; the rest as PUT."""
    state, wish = service.state, request.json_object()
    told(lambda: actions.order_edit(state, order_id, _edit_body(state, order_id, wish)))
    return _order(state, order_id)


@router.route("POST", "/_sim/orders/<int:order_id>/capture")
def order_capture(service: Store, request: Request, order_id: int) -> Reply:
    """Capture an authorised payment."""
    told(lambda: actions.capture(service.state, order_id))
    return _order(service.state, order_id)


@router.route("POST", "/_sim/orders/<int:order_id>/authorize")
def order_authorize(service: Store, request: Request, order_id: int) -> Reply:
    """The shopper pays once more after a void: another authorization, of `{"amount"}` or what was paid before."""
    amount = Decimal(request.json_object().get("amount", 0)) or None
    told(lambda: actions.authorize_again(service.state, order_id, amount))
    return _order(service.state, order_id)


@router.route("POST", "/_sim/orders/<int:order_id>/void")
def order_void(service: Store, request: Request, order_id: int) -> Reply:
    """Void an authorised payment."""
    told(lambda: actions.void(service.state, order_id))
    return _order(service.state, order_id)


def _pieces(state: State, order_id: int, wish: Row) -> dict[int, int] | None:
    """Pieces by line id; `line` is a position in the order or a line's id, without `quantity` all of it."""
    if "lines" not in wish:
        return None
    rows = state.lines.find(order_id=order_id)
    by_id = {row["id"]: row for row in rows}
    found: dict[int, int] = {}
    for given in wish["lines"]:
        number = given["line"]
        row = by_id[number] if number in by_id else rows[number]
        found[row["id"]] = int(given.get("quantity", row["quantity"]))
    return found


def _edit_body(state: State, order_id: int, wish: Row) -> Row:
    """An edit in the words of `PUT /v2/orders/{id}` (§13)."""
    body = {name: value for name, value in wish.items() if name not in {"lines", "add", "bill_to", "ship_to"}}
    pieces = _pieces(state, order_id, wish) or {}
    products: list[Row] = [{"id": line, "quantity": count} for line, count in pieces.items()]
    for given in wish.get("add", ()):
        variant = goods.find(state, given["sku"]).variant
        products.append(
            {
                "product_id": variant["product_id"],
                "variant_id": variant["id"],
                "quantity": int(given.get("quantity", 1)),
            }
        )
    if products:
        body["products"] = products
    if wish.get("bill_to"):
        body["billing_address"] = wish["bill_to"]
    if wish.get("ship_to"):
        first = state.order_addresses.find(order_id=order_id)[0]
        body["shipping_addresses"] = [{"id": first["id"], **wish["ship_to"]}]
    return body
