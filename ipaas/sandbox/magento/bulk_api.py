"""Routes that tell how bulks are going (apis/magento.md §16)."""

from __future__ import annotations

from ipaas.sandbox.core.jsonio import dumps
from ipaas.sandbox.magento.call import Call
from ipaas.sandbox.magento.errors import no_such
from ipaas.sandbox.magento.routing import Routes
from ipaas.sandbox.magento.state import Row

routes = Routes()
COLUMNS = {
    "id": "integer",
    "bulk_uuid": "string",
    "topic_name": "string",
    "status": "integer",
    "result_message": "string",
    "error_code": "integer",
}


def _bulk(call: Call) -> Row:
    row = call.state.bulks.first(bulk_uuid=call.path["bulkUuid"])
    if row is None:
        raise no_such("bulk_uuid", call.path["bulkUuid"])
    return row


def _operations(call: Call, bulk: Row) -> list[Row]:
    return [{**row, "id": row["number"]} for row in call.state.operations.find(bulk_id=bulk["id"])]


def _detailed(row: Row) -> Row:
    sent = {"entity_id": None, "entity_link": "", "meta_information": dumps(row["body"])}
    return {**row, "serialized_data": dumps(sent)}


@routes.get("/V1/bulk/{bulkUuid}/status")
def bulk_status(call: Call) -> Row:
    """A bulk with the status of each operation."""
    bulk = _bulk(call)
    return {**bulk, "bulk_id": bulk["bulk_uuid"], "operations_list": _operations(call, bulk)}


@routes.get("/V1/bulk/{bulkUuid}/detailed-status")
def bulk_detailed_status(call: Call) -> Row:
    """The same with what was sent and what came of it."""
    bulk = _bulk(call)
    rows = [_detailed(row) for row in _operations(call, bulk)]
    return {**bulk, "bulk_id": bulk["bulk_uuid"], "operations_list": rows}


@routes.get("/V1/bulk/{bulkUuid}/operation-status/{status}")
def operation_count(call: Call) -> int:
    """How many operations of a bulk have a status."""
    return sum(row["status"] == call.path["status"] for row in _operations(call, _bulk(call)))


@routes.get("/V1/bulk")
def operation_list(call: Call) -> Row:
    """Operations of all bulks by their columns."""
    return call.search(call.state.operations, lambda row: {**_detailed(row), "id": row["number"]}, columns=COLUMNS)
