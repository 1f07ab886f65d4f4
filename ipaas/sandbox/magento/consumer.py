"""The consumer of the queue: does one operation as the call it was, and says how it went (apis/magento.md §16).

Switches stop it, slow it, let it end early, and let it do its work without saying so (case M17).
"""

from __future__ import annotations

from collections.abc import Mapping

from ipaas.sandbox.core.jsonio import dumps
from ipaas.sandbox.core.web import ApiError
from ipaas.sandbox.magento.access import Caller
from ipaas.sandbox.magento.async_queue import COMPLETE, FAILED, RETRIABLE, service_of
from ipaas.sandbox.magento.rest_calls import Asked, perform
from ipaas.sandbox.magento.routing import Endpoint
from ipaas.sandbox.magento.state import Row, State

Endpoints = Mapping[tuple[str, str], Endpoint]
LOCKS = ("Database deadlock found", "Database lock wait timeout", "Database connection error")


def operation_do(state: State, endpoints: Endpoints, waiting: Row) -> None:
    """Do the operation that a row of `queue` names; what it wrote before a refusal is undone."""
    row = state.operations.get(waiting["operation_id"])
    if row is None:
        return
    try:
        answer = perform(state, endpoints[row["method"], row["path"]], _asked(state, row))
    except ApiError as refusal:
        state.db.rollback()
        text = str(refusal.body.get("message") if isinstance(refusal.body, dict) else refusal.body)
        status = RETRIABLE if text.startswith(LOCKS) else FAILED
        changes: Row = {"status": status, "result_message": text, "error_code": 0}
    else:
        message = "Service execution success {}::{}".format(*service_of(row["method"], row["path"]))
        changes = {"status": COMPLETE, "result_message": message, "error_code": None}
        changes["result_serialized_data"] = dumps(answer)
    if not state.switches["consumer_leaves_open"]:
        state.operations.update(row["id"], changes)


def _asked(state: State, row: Row) -> Asked:
    store = state.store_views.get(row["store_id"]) or {}
    return Asked(Caller(), store, row["path_values"], {}, row["body"], row["base_url"], is_queued=True)
