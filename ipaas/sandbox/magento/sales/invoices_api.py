"""Invoices over REST (apis/magento.md §9)."""

from __future__ import annotations

from functools import partial

from ipaas.sandbox.magento.call import Call
from ipaas.sandbox.magento.routing import Routes
from ipaas.sandbox.magento.sales import invoicing
from ipaas.sandbox.magento.sales.cents import Row
from ipaas.sandbox.magento.sales.comment_calls import comment_list, commented
from ipaas.sandbox.magento.sales.document_shapes import invoice_shape
from ipaas.sandbox.magento.sales.documents_raw import saved_raw
from ipaas.sandbox.magento.sales.order_lookup import order_of

routes = Routes()


@routes.post("/V1/order/{orderId}/invoice", fresh_id=True)
def invoice_create(call: Call) -> int:
    """Invoice an order."""
    row = invoicing.invoice(
        call.state,
        call.path["orderId"],
        call.body.get("items") or (),
        captures=bool(call.body.get("capture")),
        notifies=bool(call.body.get("notify")),
        comment=call.body.get("comment"),
    )
    return int(row["entity_id"])


@routes.get("/V1/invoices/{id}")
def invoice_get(call: Call) -> Row:
    """One invoice."""
    return invoice_shape(call.state, invoicing.invoice_of(call.state, call.path["id"]))


@routes.get("/V1/invoices")
def invoice_list(call: Call) -> Row:
    """Invoices."""
    return call.search(call.state.invoices, partial(invoice_shape, call.state))


@routes.post("/V1/invoices/{id}/capture")
def invoice_capture(call: Call) -> str:
    """Capture an open invoice."""
    invoicing.capture(call.state, call.path["id"])
    return "1"


@routes.post("/V1/invoices/{id}/void")
def invoice_void(call: Call) -> bool:
    """Void the authorisation."""
    invoicing.void(call.state, call.path["id"])
    return True


@routes.post("/V1/invoices/{id}/emails")
def invoice_mail(call: Call) -> bool:
    """Mail an invoice."""
    row = invoicing.invoice_of(call.state, call.path["id"])
    invoicing.mail(call.state, "invoice", order_of(call.state, row["order_id"]), row)
    return True


@routes.get("/V1/invoices/{id}/comments")
def invoice_comments(call: Call) -> Row:
    """Comments of an invoice."""
    return comment_list(call, "invoice", invoicing.invoice_of(call.state, call.path["id"]))


@routes.post("/V1/invoices/comments")
def invoice_comment(call: Call) -> Row:
    """Comment on an invoice."""
    return commented(call, "invoice", invoicing.invoice_of(call.state, int(call.body["entity"]["parent_id"])))


@routes.post("/V1/invoices/")
def invoice_save(call: Call) -> Row:
    """Raw save: the order does not hear of it."""
    return invoice_shape(call.state, saved_raw(call.state, "invoice", call.body["entity"]))
