"""Shipments and their tracks over REST (apis/magento.md §10)."""

from __future__ import annotations

from functools import partial

from ipaas.sandbox.magento.call import Call
from ipaas.sandbox.magento.errors import Refused
from ipaas.sandbox.magento.routing import Routes
from ipaas.sandbox.magento.sales import invoicing, shipping
from ipaas.sandbox.magento.sales.cents import Row
from ipaas.sandbox.magento.sales.comment_calls import comment_list, commented
from ipaas.sandbox.magento.sales.document_shapes import shipment_shape
from ipaas.sandbox.magento.sales.documents_raw import saved_raw
from ipaas.sandbox.magento.sales.order_lookup import order_of

routes = Routes()


@routes.post("/V1/order/{orderId}/ship", fresh_id=True)
def shipment_create(call: Call) -> int:
    """Ship an order; whatever the schema does not name at the top of the body is ignored (§3)."""
    extension = (call.body.get("arguments") or {}).get("extension_attributes") or {}
    row = shipping.ship(
        call.state,
        call.path["orderId"],
        call.body.get("items") or (),
        tracks=call.body.get("tracks") or (),
        source=extension.get("source_code") or "",
        notifies=bool(call.body.get("notify")),
        comment=call.body.get("comment"),
    )
    return int(row["entity_id"])


@routes.get("/V1/shipment/{id}")
def shipment_get(call: Call) -> Row:
    """One shipment."""
    return shipment_shape(call.state, shipping.shipment_of(call.state, call.path["id"]))


@routes.get("/V1/shipments")
def shipment_list(call: Call) -> Row:
    """Shipments."""
    return call.search(call.state.shipments, partial(shipment_shape, call.state))


@routes.post("/V1/shipment/")
def shipment_save(call: Call) -> Row:
    """Raw save: a shipment that the order does not know of, and more of it than was ordered if so sent (§10)."""
    return shipment_shape(call.state, saved_raw(call.state, "shipment", call.body["entity"]))


@routes.post("/V1/shipment/track")
def track_add(call: Call) -> Row:
    """Add a tracking number; a second time it is there twice."""
    return shipping.track_added(call.state, call.body["entity"])


@routes.delete("/V1/shipment/track/{id}")
def track_delete(call: Call) -> bool:
    """Remove a tracking number."""
    shipping.track_removed(call.state, call.path["id"])
    return True


@routes.post("/V1/shipment/{id}/emails")
def shipment_mail(call: Call) -> bool:
    """Mail a shipment with the tracks it has by now."""
    row = shipping.shipment_of(call.state, call.path["id"])
    invoicing.mail(call.state, "shipment", order_of(call.state, row["order_id"]), row)
    return True


@routes.get("/V1/shipment/{id}/label")
def shipment_label(call: Call) -> str | None:
    """The label, which no built-in carrier makes here."""
    label: str | None = shipping.shipment_of(call.state, call.path["id"]).get("shipping_label")
    return label


@routes.get("/V1/shipment/{id}/comments")
def shipment_comments(call: Call) -> Row:
    """Comments of a shipment."""
    return comment_list(call, "shipment", shipping.shipment_of(call.state, call.path["id"]))


@routes.post("/V1/shipment/{id}/comments")
def shipment_comment(call: Call) -> Row:
    """Comment on a shipment."""
    return commented(call, "shipment", shipping.shipment_of(call.state, int(call.path["id"])))


@routes.post("/V1/order/notify-orders-are-ready-for-pickup")
def pickup_ready(call: Call) -> Row:
    """Tell shoppers that their orders can be fetched; what fails is told order by order."""
    errors: list[str] = []
    for order_id in call.body["orderIds"]:
        try:
            shipping.ready_for_pickup(call.state, order_id)
        except Refused as exc:
            errors.append(exc.message)
    return {"successful": not errors, "errors": errors}
