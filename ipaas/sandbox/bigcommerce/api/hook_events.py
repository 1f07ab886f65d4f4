"""V3 list of events that were sent and not received (official schema `HistoryEvent`)."""

from __future__ import annotations

from typing import Any

from ipaas.sandbox.bigcommerce import hooks
from ipaas.sandbox.bigcommerce.api.common import Call, Endpoints, v3_list
from ipaas.sandbox.bigcommerce.errors import bad_fields
from ipaas.sandbox.bigcommerce.scopes import ANY_TOKEN
from ipaas.sandbox.bigcommerce.state import Row
from ipaas.sandbox.bigcommerce.wire import parse_date
from ipaas.sandbox.core.jsonio import loads
from ipaas.sandbox.core.web import Reply, Router

router: Router[Any] = Router()
v3 = Endpoints(router, "v3")
NAMES = ("scope", "store_id", "data", "hash", "created_at", "producer")


def _moment(call: Call, name: str) -> int | None:
    text = call.arg(name)
    try:
        return int(text) if text and text.isdecimal() else parse_date(text) if text else None
    except ValueError as exc:
        raise bad_fields({name: "must be a date"}) from exc


@v3("GET", "/hooks/events", ANY_TOKEN)
def events_list(call: Call) -> Reply:
    """Events of the client's hooks whose last try failed, oldest first."""
    own = {hook["id"] for hook in hooks.own_hooks(call.state, call.token["client_id"])}
    failed = [row for row in call.service.outbox.table.all() if row["tries"] and row["status"] != "delivered"]
    found: list[Row] = [loads(row["body"].encode()) for row in failed if row.get("hook_id") in own]
    least, most = _moment(call, "created_at:min"), _moment(call, "created_at:max")
    rows = [
        row
        for row in found
        if (least is None or row.get("created_at", 0) >= least) and (most is None or row.get("created_at", 0) <= most)
    ]
    return v3_list(call, rows, lambda row: {name: row[name] for name in NAMES if name in row})
