"""Asynchronous and bulk calls: taken into the queue, worked off by the consumer (apis/magento.md §16)."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import replace
from hashlib import sha256
from typing import Any

from ipaas.sandbox.core.jsonio import dumps
from ipaas.sandbox.magento.bodies import snake
from ipaas.sandbox.magento.errors import Refused, required
from ipaas.sandbox.magento.rest_calls import Asked, prepared
from ipaas.sandbox.magento.routing import Endpoint
from ipaas.sandbox.magento.state import Row, State

NO_QUEUE = "Specified request cannot be processed."
NO_LIST = "Request body should be an array."
REJECTED = "Error processing %key element of input data"
COMPLETE, RETRIABLE, FAILED, OPEN, REJECTED_STATUS = 1, 2, 3, 4, 5
SERVICES = {  # what status answers name; the schema does not have it
    ("POST", "/V1/inventory/source-items"): ("Magento\\InventoryApi\\Api\\SourceItemsSaveInterface", "execute"),
    ("POST", "/V1/inventory/source-items-delete"): (
        "Magento\\InventoryApi\\Api\\SourceItemsDeleteInterface",
        "execute",
    ),
    ("POST", "/V1/products"): ("Magento\\Catalog\\Api\\ProductRepositoryInterface", "save"),
    ("PUT", "/V1/products/{sku}"): ("Magento\\Catalog\\Api\\ProductRepositoryInterface", "save"),
    ("POST", "/V1/products/base-prices"): ("Magento\\Catalog\\Api\\BasePriceStorageInterface", "update"),
    ("POST", "/V1/products/special-price"): ("Magento\\Catalog\\Api\\SpecialPriceStorageInterface", "update"),
}


def enqueue(state: State, endpoint: Endpoint, asked: Asked, *, is_bulk: bool) -> Row:
    """The 202 answer for a call that was queued; `asked.body` is one body, or in bulk a list of them.

    Everything is read by the schema now, so that one element that cannot be read refuses all. Raises `Refused`.
    """
    if endpoint.method == "GET":
        raise Refused(400, NO_QUEUE)
    each = _elements(endpoint, asked) if is_bulk else [asked]
    for one in each:
        prepared(state, endpoint, one)
    bulk = _bulk_insert(state, endpoint, asked, len(each))
    first_rejected = len(each) - state.switches["bulk_rejects"]
    rows = [
        _operation_insert(state, bulk, endpoint, one, number, is_rejected=number >= first_rejected)
        for number, one in enumerate(each)
    ]
    return {
        "bulk_uuid": bulk["bulk_uuid"],
        "request_items": [_item(row) for row in rows],
        "errors": any(row["status"] == REJECTED_STATUS for row in rows),
    }


def _elements(endpoint: Endpoint, asked: Asked) -> list[Asked]:
    """One call for each element of the list, which brings the path values with it."""
    given = asked.body
    if isinstance(given, dict) and not given:
        given = []
    if not isinstance(given, list) or not all(isinstance(one, dict) for one in given):
        raise Refused(400, NO_LIST)
    names = [part[1:-1] for part in endpoint.segments if part.startswith("{")]
    return [replace(asked, body=one, path={name: _path_value(one, name) for name in names}) for one in given]


def _path_value(element: Mapping[str, Any], name: str) -> str:
    """A path value of an element: beside its objects, or inside one of them."""
    for place in (element, *(one for one in element.values() if isinstance(one, dict))):
        for spelling in (name, snake(name)):
            if spelling in place:
                return str(place[spelling])
    raise required(name)


def _bulk_insert(state: State, endpoint: Endpoint, asked: Asked, count: int) -> Row:
    return state.bulks.insert(
        {
            "bulk_uuid": str(uuid.uuid4()),
            "description": f"Topic {topic_of(endpoint)}",
            "start_time": state.now(),
            "user_id": asked.caller.user_id,
            "user_type": asked.caller.user_type,
            "operation_count": count,
        }
    )


def _operation_insert(
    state: State, bulk: Row, endpoint: Endpoint, asked: Asked, number: int, *, is_rejected: bool
) -> Row:
    """An operation and the time when the consumer comes to it."""
    row = state.operations.insert(
        {
            "bulk_id": bulk["id"],
            "bulk_uuid": bulk["bulk_uuid"],
            "number": number,
            "topic_name": topic_of(endpoint),
            "method": endpoint.method,
            "path": endpoint.path,
            "store_id": asked.store["id"],
            "path_values": dict(asked.path),
            "body": asked.body,
            "base_url": asked.base_url,
            "status": REJECTED_STATUS if is_rejected else OPEN,
            "result_message": None,
            "error_code": None,
            "result_serialized_data": None,
        }
    )
    last = state.switches["consumer_stops_after"]
    if not is_rejected and (not last or number < last):
        pace = state.switches["consumer_per_second"]
        due = state.clock.timestamp() + state.switches["consumer_delay_ms"] / 1000 + (number / pace if pace else 0)
        state.queue.insert({"due": due, "operation_id": row["id"]})
    return row


def _item(row: Row) -> Row:
    if row["status"] == REJECTED_STATUS:
        message = REJECTED.replace("%key", str(row["number"]))
        return {"id": row["number"], "data_hash": None, "status": "rejected", "error_message": message}
    hashed = sha256(dumps(row["body"]).encode()).hexdigest()
    return {"id": row["number"], "data_hash": hashed, "status": "accepted"}


def topic_of(endpoint: Endpoint) -> str:
    """The name of the queue's topic."""
    owner, method = service_of(endpoint.method, endpoint.path)
    return f"async.{owner.replace(chr(92), '.')}.{method}.{endpoint.method}".lower()


def service_of(method: str, path: str) -> tuple[str, str]:
    """Class and method that a route stands for."""
    plain = "".join(part.title() for part in path.replace("-", "/").split("/") if part and not part.startswith("{"))
    return SERVICES.get((method, path), (f"Magento\\Webapi\\Api\\{plain}Interface", "execute"))
