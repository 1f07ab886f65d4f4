"""Credit memos over REST (apis/magento.md §11)."""

from __future__ import annotations

from decimal import Decimal
from functools import partial

from ipaas.sandbox.magento.call import Call
from ipaas.sandbox.magento.errors import bad
from ipaas.sandbox.magento.routing import Routes
from ipaas.sandbox.magento.sales import invoicing, refunding
from ipaas.sandbox.magento.sales.cents import Row
from ipaas.sandbox.magento.sales.comment_calls import comment_list, commented
from ipaas.sandbox.magento.sales.document_shapes import creditmemo_shape
from ipaas.sandbox.magento.sales.documents_raw import saved_raw
from ipaas.sandbox.magento.sales.order_lookup import order_of

routes = Routes()


@routes.post("/V1/order/{orderId}/refund", fresh_id=True)
def order_refund(call: Call) -> int:
    """Refund offline."""
    return int(refunding.refund(call.state, call.path["orderId"], _wish(call))["entity_id"])


@routes.post("/V1/invoice/{invoiceId}/refund", fresh_id=True)
def invoice_refund(call: Call) -> int:
    """Refund what an invoice holds, by the gateway where `isOnline` says so."""
    invoice = invoicing.invoice_of(call.state, call.path["invoiceId"])
    online = bool(call.body.get("isOnline"))
    row = refunding.refund(
        call.state, invoice["order_id"], _wish(call), invoice_id=invoice["entity_id"], is_online=online
    )
    return int(row["entity_id"])


def _wish(call: Call) -> refunding.Wish:
    """What the body asks for; an absent `shipping_amount` means all that is left of it (§11.1)."""
    arguments = call.body.get("arguments") or {}
    extension = arguments.get("extension_attributes") or {}
    return refunding.Wish(
        items=call.body.get("items") or (),
        shipping=arguments.get("shipping_amount"),
        positive=arguments.get("adjustment_positive") or Decimal(0),
        negative=arguments.get("adjustment_negative") or Decimal(0),
        returns=frozenset(extension.get("return_to_stock_items") or ()),
        comment=call.body.get("comment"),
        notifies=bool(call.body.get("notify")),
    )


@routes.get("/V1/creditmemo/{id}")
def creditmemo_get(call: Call) -> Row:
    """One credit memo."""
    return creditmemo_shape(call.state, refunding.creditmemo_of(call.state, call.path["id"]))


@routes.get("/V1/creditmemos")
def creditmemo_list(call: Call) -> Row:
    """Credit memos."""
    return call.search(call.state.creditmemos, partial(creditmemo_shape, call.state))


@routes.put("/V1/creditmemo/{id}")
def creditmemo_cancel(call: Call) -> bool:
    """Cancelling one always fails (§11.1)."""
    raise bad("You can not cancel Credit Memo")


@routes.post("/V1/creditmemo/{id}/emails")
def creditmemo_mail(call: Call) -> bool:
    """Mail a credit memo."""
    row = refunding.creditmemo_of(call.state, call.path["id"])
    invoicing.mail(call.state, "creditmemo", order_of(call.state, row["order_id"]), row)
    return True


@routes.get("/V1/creditmemo/{id}/comments")
def creditmemo_comments(call: Call) -> Row:
    """Comments of a credit memo."""
    return comment_list(call, "creditmemo", refunding.creditmemo_of(call.state, call.path["id"]))


@routes.post("/V1/creditmemo/{id}/comments")
def creditmemo_comment(call: Call) -> Row:
    """Comment on a credit memo."""
    return commented(call, "creditmemo", refunding.creditmemo_of(call.state, int(call.path["id"])))


@routes.post("/V1/creditmemo")
def creditmemo_save(call: Call) -> Row:
    """Raw save: the order does not hear of it (§11.1)."""
    return creditmemo_shape(call.state, saved_raw(call.state, "creditmemo", call.body["entity"]))


@routes.post("/V1/creditmemo/refund")
def creditmemo_refund(call: Call) -> Row:
    """Refund the amounts as they are sent, without working them out (§11.1)."""
    return creditmemo_shape(call.state, refunding.refund_as_sent(call.state, call.body["creditmemo"]))
