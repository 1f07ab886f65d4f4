"""Accounts that a module of the shop's puts together. Magento has no such act, and no news of it (apis/magento.md §19).

What becomes of the former account is the module's own: it stays, as unfriendly as that is, or it is deleted. Its
orders are the other one's then. A message names the former ids and the new one, signed under the secret.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import Protocol

from ipaas.sandbox.core.jsonio import dumps
from ipaas.sandbox.core.outbox import Outbox
from ipaas.sandbox.core.web import Reply, Request, Router, json_reply
from ipaas.sandbox.magento.people.customer_rows import customer_of
from ipaas.sandbox.magento.people.customer_save import customer_deleted
from ipaas.sandbox.magento.shop.shop_control import Store
from ipaas.sandbox.magento.state import Row, State

SIGNATURE = "X-Tillbridge-Signature"


class Shop(Store, Protocol):
    """A store that sends messages."""

    outbox: Outbox


router: Router[Shop] = Router()


@router.route("POST", "/_sim/customers/merge")
def customers_merge(service: Shop, request: Request) -> Reply:
    """`{"from": [ids], "into": id, "deletes": false}`."""
    wish = request.json_object()
    former, into = [int(one) for one in wish["from"]], int(wish["into"])
    accounts_merged(service.state, former, into, deletes=bool(wish.get("deletes")))
    return json_reply({"told": merge_told(service.state, service.outbox, former, into)})


def accounts_merged(state: State, former: list[int], into: int, *, deletes: bool) -> None:
    """Give the orders of the former accounts to the other one, and delete them where the module does."""
    kept = customer_of(state, into)
    for customer_id in former:
        if customer_id == into:
            continue
        for order in state.orders.find(customer_id=customer_id):
            state.update(state.orders, order["entity_id"], {"customer_id": kept["id"]})
        if deletes and state.customers.get(customer_id):
            customer_deleted(state, customer_id)


def merge_told(state: State, outbox: Outbox, former: list[int], into: int) -> bool:
    """Send the module's message, where it knows an address; answers whether it does."""
    url, secret = state.switches["module_url"], state.switches["module_secret"]
    if not url:
        return False
    message: Row = {"event": "customer_merged", "old_ids": former, "new_id": into}
    body = dumps(message)
    mac = hmac.new(secret.encode(), body.encode(), hashlib.sha256).hexdigest()
    outbox.enqueue(url, body, {SIGNATURE: f"sha256={mac}"})
    return True
