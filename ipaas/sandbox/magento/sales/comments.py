"""Comments on orders and their documents (apis/magento.md §12)."""

from __future__ import annotations

from ipaas.sandbox.magento.errors import bad
from ipaas.sandbox.magento.sales import states
from ipaas.sandbox.magento.sales.cents import Row
from ipaas.sandbox.magento.sales.order_lookup import changed, order_of
from ipaas.sandbox.magento.state import State

NOT_PART = 'Unable to add comment: The status "%1" is not part of the order status history.'


def comment_given(state: State, kind: str, parent_id: int, comment: Row | None, notified: bool = False) -> Row | None:
    """Keep the comment that came with an act or by itself; `kind` is invoice, shipment or creditmemo."""
    if not comment or not comment.get("comment"):
        return None
    return state.insert(
        state.document_comments,
        {
            "kind": kind,
            "parent_id": parent_id,
            "comment": comment["comment"],
            "is_visible_on_front": int(comment.get("is_visible_on_front") or 0),
            "is_customer_notified": int(comment.get("is_customer_notified") or notified),
            "created_at": state.now(),
        },
    )


def history_added(state: State, order: Row, text: str | None, **more: object) -> Row:
    """Write a line into the order's history; it moves nothing of the order."""
    row: Row = {"is_customer_notified": 0, "is_visible_on_front": 0, "status": order["status"], "entity_name": "order"}
    own = {"parent_id": order["entity_id"], "comment": text, "created_at": state.now()}
    return state.insert(state.status_histories, row | own | more)


def order_commented(state: State, order_id: int, given: Row) -> None:
    """Add a comment and set the order's label, by the rule of the version.

    To 2.4.6 any text is taken as label, and none takes the order's label away; from 2.4.7 on a label must belong to the
    order's state, and none keeps the present one. Raises `Refused`.
    """
    order, status = order_of(state, order_id), given.get("status")
    if state.profile.since("2.4.7"):
        status = status or order["status"]
        if status != order["status"] and status not in labels(state, order["state"]):
            raise bad(NOT_PART, status)
    flags = {name: int(given.get(name) or 0) for name in ("is_customer_notified", "is_visible_on_front")}
    history_added(state, order, given.get("comment"), status=status, **flags)
    changed(state, order_id, {"status": status})
    if flags["is_customer_notified"]:
        state.mails.insert({"kind": "comment", "order_id": order_id, "number": order["increment_id"]})


def labels(state: State, code: str) -> list[str]:
    """The statuses that are assigned to a state: a fresh installation's, and the merchant's own."""
    own = [row["status"] for row in state.order_statuses.find(state=code)]
    return [*states.STATUSES.get(code, ()), *own]
